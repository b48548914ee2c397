"""Pictures of trade as accessible SVG: the named checks, networks, time series, maps."""
