"""What happens to accounts by the clock."""
