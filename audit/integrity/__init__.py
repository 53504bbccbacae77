"""
Tamper evidence; see docs/evidence.md.

`signed` knows what a record's signature covers and whether it holds. `kept` is about files that leave the database and
are compared with it later. The modules here walk over the whole record: verification, retention, erasure.
"""
