"""
The facts of records and notes, and their signatures: read, signed and checked. Nothing outside the database is known.

Everybody in `audit` may use it. It uses nothing else of `audit.integrity`.
"""
