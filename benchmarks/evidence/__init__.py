"""What the record costs after it is written: verification and retention."""
