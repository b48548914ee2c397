"""How the rows of the main job came to be."""
