"""Changes for a later time in the admin: on the person's page, and in a list of all."""
