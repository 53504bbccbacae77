"""
Files that are kept outside the database and compared with it later: checkpoints, archives and journals. Fixtures are
compared with their signatures when they are loaded, by `fixtures`.

It uses `audit.integrity.signed`, and never walks over the whole record.
"""
