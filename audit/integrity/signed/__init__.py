"""
The facts of records and notes, and their signatures: read, signed and checked. It knows nothing outside the database.

Every module of `audit` may use it. It uses nothing else of `audit.integrity`.
"""
