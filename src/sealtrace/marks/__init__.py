"""What makes a copy different: codewords, channels that carry them, detection with a proven error bound."""
