"""Export licensing: classification, licences as signed objects, quantity accounts, working-day clocks."""
