"""The admin pages for emails to people."""
