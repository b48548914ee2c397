"""Joint cases: leaks, licences, restrictions and smuggling worked by several departments as one kind of thing."""
