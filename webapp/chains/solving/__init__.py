"""Finding the best chain: its slots, what makes one better than another, and the exact solver. Pure."""
