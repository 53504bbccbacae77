"""
The roll-up: numbers of the dashboard for the days that are over, counted once and kept.

Reading a month of ten million records takes seconds. So `manage.py run_due` counts the days of the dashboard that are
over, once a day, and the dashboard adds what has happened since. A counter that each transition raised would make all
writers wait for one row. Without that command the dashboard counts everything when it is opened.

The numbers are no evidence. They are thrown away whenever records are changed (`forget`), counted anew if a record of
those days arrives late, and `manage.py audit_verify` compares them with the record.
"""
