"""What a file says: its kind, text, pages and content identity, and the indexes that find it again."""
