"""What transitions cost: one, many at once, in parallel, over a network, and in memory."""
