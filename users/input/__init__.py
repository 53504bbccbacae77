"""Input from clients, cleaned: their address, and text that every database, log and spreadsheet accepts."""
