"""Measures against licences that were issued: taken, reviewed, appealed against, undone; and what is due about them."""
