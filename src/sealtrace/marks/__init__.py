"""What makes a copy different: codewords, channels that carry them, and detection with a proven error bound."""
