"""A backend of another vendor, as far as checks can see."""
