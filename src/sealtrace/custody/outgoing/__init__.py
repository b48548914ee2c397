"""Packages for outsiders: one encrypted HTML file of marked page pictures, opened from disk, receipted back."""
