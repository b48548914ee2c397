"""A fictional separation plant, simulated: the numbers of the demo's documents and data come from here."""
