"""SQLite, which says that it is MariaDB, so that no server is needed to see what is refused before `migrate` begins."""

from django.db.backends.sqlite3 import base


class DatabaseWrapper(base.DatabaseWrapper):
    vendor = "mysql"
