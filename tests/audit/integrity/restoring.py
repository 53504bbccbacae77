"""An older backup of the database, put back as a whole: keys and sequences go on from there."""

from django.db import connection

from audit import triggers

PREFIXES = ("auth_user", "user_lifecycle_", "user_audit_")
IN_SQLITE = "UPDATE sqlite_sequence SET seq = coalesce((SELECT max(id) FROM {0}), 0) WHERE name = '{0}'"
IN_POSTGRESQL = "SELECT setval(pg_get_serial_sequence('{0}', 'id'), coalesce((SELECT max(id) FROM {0}), 1))"


class Backup:
    """The rows of accounts and of the record as they are when this is made."""

    def __init__(self, name: str = "backup") -> None:
        self.name = name
        self.tables = [name for name in connection.introspection.table_names() if name.startswith(PREFIXES)]
        with connection.cursor() as cursor:
            for table in self.tables:
                cursor.execute(f"CREATE TABLE {self.name}_of_{table} AS SELECT * FROM {table}")

    def restore(self) -> None:
        give_on = IN_SQLITE if connection.vendor == "sqlite" else IN_POSTGRESQL
        with triggers.lifted("default"), connection.cursor() as cursor:
            for table in self.tables:
                cursor.execute(f"DELETE FROM {table}")
            for table in self.tables:
                cursor.execute(f"INSERT INTO {table} SELECT * FROM {self.name}_of_{table}")
                cursor.execute(give_on.format(table))

    def discard(self) -> None:
        with connection.cursor() as cursor:
            for table in self.tables:
                cursor.execute(f"DROP TABLE {self.name}_of_{table}")
