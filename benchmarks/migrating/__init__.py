"""How long `migrate` takes where there are many accounts already."""
