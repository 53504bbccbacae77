"""What comes from outside, made fit: the address of a client, and text for every database and log."""
