"""What it costs, beside what others cost, in the same run: `make bench`."""
