"""The router of Django's documentation, for one replica."""

from typing import Any


class PrimaryReplica:
    """Reads from the replica, whatever it is."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        return "replica"

    def db_for_write(self, model: Any, **hints: Any) -> str:
        return "default"

    def allow_relation(self, first: Any, second: Any, **hints: Any) -> bool:
        return True
