"""
Tamper evidence; see docs/evidence.md.

`signed` knows what a record's signature covers and whether it holds. `kept` is about files that leave the database and
are compared with it later. Commands walk over the whole record by `verification` and `retention`, and blank
`persons` by `erasure`.
"""
