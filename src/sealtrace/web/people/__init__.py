"""The personnel-security office: the directory, a person's file, posts, restrictions, leaving, what falls due."""
