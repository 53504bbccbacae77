"""How times grow with the number of records and accounts."""
