"""The frame of every screen: bar, rail, parts, headers, errors, language."""
