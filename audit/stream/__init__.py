"""The audit trail on its way to other systems: at least once, in the order of each account's changes."""
