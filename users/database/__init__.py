"""What databases need and Django lacks: conditions on many keys, kept statements, times that can be read and shown."""
