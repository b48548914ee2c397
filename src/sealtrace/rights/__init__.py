"""The person's rights over everything held: the own page, exports, erasure on time, and single scoped transfers."""
