"""How many records there are in the databases of `growth`, by their names."""

RECORDS = {"thousand": 1_000, "hundred_thousand": 101_000, "two_million": 2_001_000}
