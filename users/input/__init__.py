"""Input from clients, cleaned: their address, and text that every database and log accepts."""
