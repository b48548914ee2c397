"""From a leak to the copy it came from, or to an honest "not enough": searched, weighed, entered, answered."""
