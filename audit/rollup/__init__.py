"""
The roll-up: the dashboard's numbers for past days, counted once and kept.

Reading a month of ten million records takes seconds. So `manage.py run_due` counts the days of the dashboard that are
over, once a day, and the dashboard adds what has happened since. A counter that each transition increases would make
all writers wait for one row. Without that command the dashboard counts everything when it is opened.

The numbers are no evidence. They are deleted whenever records are changed (`forget`), and counted anew if a record of
those days arrives late. `manage.py audit_verify` compares them with the record.

The dashboard asks `keeping` and `counting`; the evidence asks `checking`, and lets `keeping` forget.
"""
