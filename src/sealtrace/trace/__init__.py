"""From a leak to an answer: identify, detect, weigh, answer, and the evidence file."""
