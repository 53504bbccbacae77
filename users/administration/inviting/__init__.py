"""The admin page for inviting people."""
