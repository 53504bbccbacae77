"""Names of databases beside the default one, on the same server or in the same folder."""

RECORDS = {"thousand": 1_000, "hundred_thousand": 101_000, "two_million": 2_001_000}
"""How many records there are in those of `growth`: an odd number for each account, after which all are active."""

WITHOUT_TRIGGERS, EMPTY = "without_triggers", "empty"
NAMES = (*RECORDS, WITHOUT_TRIGGERS, EMPTY)
