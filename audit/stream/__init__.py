"""
The audit trail on its way to other systems: at least once, in the order of each account's changes.

`audit_stream` runs it by `run`, `delivery`, `cursors` and `targets`. Exports of commands and of the admin are those of
`export`; `formats` and `sources` are what can be chosen there.
"""
