"""The directory of specialists: names as people spell them, work, and what may be told to whom for what purpose."""
