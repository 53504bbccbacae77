"""Names of databases beside the default one, on the same server or in the same folder."""

RECORDS = {"thousand": 1_000, "hundred_thousand": 100_000, "million": 1_000_000}
"""How many records there are in those of `growth`: at least two for each account."""

WITHOUT_TRIGGERS, EMPTY = "without_triggers", "empty"
NAMES = (*RECORDS, WITHOUT_TRIGGERS, EMPTY)
