"""Pictures of trade: plots of the named checks, networks, time series, maps, as accessible SVG in the house's classes."""
