"""Marks in the cells of measured data: within the declared uncertainty, found again without a key column."""
