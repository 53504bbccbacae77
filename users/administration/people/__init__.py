"""The list of people: the last login, who is about to become dormant, and the list as a file."""
