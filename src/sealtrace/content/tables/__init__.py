"""Tables of measured data, as their files write them: cells as text, numbers behind them, cells put back."""
