"""What surrounds an operation: the accounts that it changes, the report, the undo, and the end of one session."""
