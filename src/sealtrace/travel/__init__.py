"""Travel declarations and travel documents: required only of designated people, held only with a legal title."""
