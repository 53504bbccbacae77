"""The rules as triggers of SQLite, one after another."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.backends.utils import CursorWrapper

from audit.rules import Rule
from audit.triggers.vendor import PREFIX, Tables


@dataclass(frozen=True, slots=True)
class Trigger:
    """One trigger, whose rules are asked in this order."""

    name: str
    event: str
    refusals: tuple[tuple[Rule, str], ...]
    """A rule, and the condition under which it refuses."""

    def sql(self, tables: Tables) -> str:
        """The CREATE statement, which SQLite keeps letter by letter."""
        refusals = "".join(
            f"  SELECT RAISE(ABORT, '{rule.message}')\n  WHERE {condition};\n" for rule, condition in self.refusals
        )
        return tables.fill(f'CREATE TRIGGER "{PREFIX}{self.name}" {self.event}\nFOR EACH ROW BEGIN\n{refusals}END')


TRIGGERS = (
    Trigger(
        "state_update",
        # No column list: `UPDATE OF id` would not see `SET rowid = ...`, which is the same column.
        "BEFORE UPDATE ON {states}",
        (
            (Rule.STATE_KEEPS_ITS_USER, "NEW.id IS NOT OLD.id OR NEW.user_id IS NOT OLD.user_id"),
            (
                Rule.STATE_CHANGES_WITH_ITS_RECORD,
                """
                (NEW.version IS NOT OLD.version OR NEW.current_state IS NOT OLD.current_state)
                AND (NEW.version IS NOT OLD.version + 1 OR NOT EXISTS (
                    SELECT 1 FROM {records}
                    WHERE user_id = NEW.user_id AND sequence = NEW.version
                    AND start_state = OLD.current_state AND end_state = NEW.current_state
                    AND locked_until IS NEW.locked_until))
                """,
            ),
            (
                Rule.LOCK_ENDS_AS_RECORDED,
                "NEW.version IS OLD.version AND NEW.locked_until IS NOT OLD.locked_until",
            ),
        ),
    ),
    Trigger(
        "state_insert",
        # AFTER: a row that gives way to one that is there (INSERT OR IGNORE) is not asked.
        "AFTER INSERT ON {states}",
        (
            (
                Rule.STATE_BEGINS_WHERE_THE_RECORD_ENDS,
                """
                EXISTS (SELECT 1 FROM {records} WHERE user_id = NEW.user_id AND sequence > NEW.version)
                OR NOT EXISTS (
                    SELECT 1 FROM {records}
                    WHERE user_id = NEW.user_id AND sequence = NEW.version AND end_state = NEW.current_state
                    AND locked_until IS NEW.locked_until)
                """,
            ),
        ),
    ),
    # The function is Django's connection's own (`audit.maintenance`). Elsewhere there is none, and DELETE is an error.
    Trigger(
        "state_delete",
        "BEFORE DELETE ON {states}",
        (
            (
                Rule.STATE_ENDS_WITH_ITS_DEATH,
                """
                NOT EXISTS (
                    SELECT 1 FROM {records}
                    WHERE user_id = OLD.user_id AND sequence = OLD.version + 1 AND end_state = '')
                AND NOT audit_maintenance_declared()
                """,
            ),
        ),
    ),
    Trigger(
        "record_insert",
        # BEFORE: afterwards INSERT OR REPLACE would have removed what was there.
        "BEFORE INSERT ON {records}",
        (
            (
                Rule.ONE_PER_SEQUENCE,
                "EXISTS (SELECT 1 FROM {records} WHERE user_id = NEW.user_id AND sequence = NEW.sequence)",
            ),
            (Rule.RECORD_IS_NEVER_REPLACED, "EXISTS (SELECT 1 FROM {records} WHERE id = NEW.id)"),
            (
                Rule.RECORD_FOLLOWS_FROM_THE_STATE,
                """
                CASE WHEN NEW.start_state = '' THEN
                    EXISTS (SELECT 1 FROM {states} WHERE user_id = NEW.user_id)
                    OR NEW.sequence <> coalesce(
                        (SELECT max(sequence) FROM {records} WHERE user_id = NEW.user_id), -1) + 1
                ELSE NOT EXISTS (
                    SELECT 1 FROM {states}
                    WHERE user_id = NEW.user_id AND version = NEW.sequence - 1 AND current_state = NEW.start_state)
                END
                """,
            ),
        ),
    ),
    Trigger("record_update", "BEFORE UPDATE ON {records}", ((Rule.RECORD_IS_NEVER_CHANGED, "true"),)),
    # The function is Django's connection's own (`audit.maintenance`). Elsewhere there is none, and DELETE is an error.
    Trigger(
        "record_delete", "BEFORE DELETE ON {records}", ((Rule.RECORD_IS_KEPT, "NOT audit_maintenance_declared()"),)
    ),
)


def tables(cursor: CursorWrapper, states: str, records: str) -> Tables:
    """The names as they are: a trigger's tables are always those of its own file."""
    return Tables(states, records)


def wanted(tables: Tables) -> dict[str, object]:
    """The triggers by name, as `installed` shows them when they are as they should be."""
    return {PREFIX + trigger.name: trigger.sql(tables) for trigger in TRIGGERS}


def installed(cursor: CursorWrapper, tables: Tables) -> dict[str, object]:
    """The triggers by name, as the database has them."""
    return _found(cursor)


def lock(cursor: CursorWrapper, tables: Tables) -> None:
    """Nothing to do: whoever writes holds the whole database."""


def create(cursor: CursorWrapper, tables: Tables) -> None:
    """Make all triggers; the rows that are there are not looked at."""
    for trigger in TRIGGERS:
        cursor.execute(trigger.sql(tables))


def drop(cursor: CursorWrapper) -> None:
    """Remove all triggers, those of earlier versions of this app too."""
    for name in _found(cursor):
        cursor.execute(f'DROP TRIGGER "{name}"')


def _found(cursor: CursorWrapper) -> dict[str, object]:
    cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s", [f"{PREFIX}%"])
    return dict(cursor.fetchall())
