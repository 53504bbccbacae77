"""Translates refusals by the database into our exceptions."""

from __future__ import annotations

import re
from types import TracebackType
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import DatabaseErrorWrapper

from audit.exceptions import IsActiveRefused, RefusedByDatabase
from audit.rules import Rule

_NAMED_BY_SQLITE = re.compile(r"(?:CHECK constraint failed: )?(\w+)")


class RefusalTranslator(DatabaseErrorWrapper):
    """
    Django's translator of driver errors, which raises `RefusedByDatabase` if one of our rules was broken.

    It sees all statements, and COMMIT, where deferred constraints raise. Django has no other hook for COMMIT
    (`execute_wrappers` see only statements).
    """

    wrapper: Any  # the stubs leave it out

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if exc_type is None:
            return
        if isinstance(exc_value, self.wrapper.Database.IntegrityError) and (rule := broken_rule(exc_value)):
            refused = IsActiveRefused if rule == Rule.IS_ACTIVE_SAYS_THE_STATE else RefusedByDatabase
            raise refused(rule).with_traceback(traceback) from exc_value
        super().__exit__(exc_type, exc_value, traceback)


def broken_rule(error: BaseException) -> Rule | None:
    """Return the rule that an integrity error of the driver names, or None."""
    diagnosis = getattr(error, "diag", None)  # psycopg's
    if diagnosis:
        name = diagnosis.constraint_name
    else:
        found = _NAMED_BY_SQLITE.match(str(error))
        name = found and found[1]
    return Rule(name) if name in Rule.values else None


def translate(connection: BaseDatabaseWrapper) -> None:
    """Make this connection raise our exceptions."""
    if not isinstance(connection.wrap_database_errors, RefusalTranslator):
        connection.wrap_database_errors = RefusalTranslator(connection)
