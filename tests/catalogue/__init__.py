"""Tests of the control lists, formulas and units."""
