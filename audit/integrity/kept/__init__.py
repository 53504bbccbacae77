"""
Files that are kept outside the database and compared with it later: checkpoints, archives and journals.

It uses `audit.integrity.signed`, and never walks over the whole record.
"""
