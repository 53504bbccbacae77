"""Around an operation: whom it changes, the report afterwards, the undo, and the end of one session."""
