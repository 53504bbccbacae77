"""The rules as SQLite triggers."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.db.backends.utils import CursorWrapper

from audit.rules import Rule
from audit.triggers.vendor import PREFIX, Tables


@dataclass(frozen=True, slots=True)
class Trigger:
    """One trigger. Its rules are checked in this order."""

    name: str
    event: str
    refusals: tuple[tuple[Rule, str], ...]
    """Each rule with the condition under which it refuses."""

    def sql(self, tables: Tables) -> str:
        """Return the CREATE statement, which SQLite stores verbatim."""
        refusals = "".join(
            f"  SELECT RAISE(ABORT, '{rule.message}')\n  WHERE {condition};\n" for rule, condition in self.refusals
        )
        return tables.fill(f'CREATE TRIGGER "{PREFIX}{self.name}" {self.event}\nFOR EACH ROW BEGIN\n{refusals}END')


FACTS = (
    "id",
    "user_id",
    "sequence",
    "transition",
    "cause",
    "start_state",
    "end_state",
    "datetime",
    "locked_until",
    "actor_id",
    "actor_kind",
    "impersonator_id",
    "request_id",
    "signature",
)
"""The columns of a record without personal data."""

FACTS_OF_OLD = ", ".join(f"OLD.{name}" for name in FACTS)
FACTS_OF_NEW = ", ".join(f"NEW.{name}" for name in FACTS)
STEP = (
    "id",
    "change",
    "user_id",
    "what",
    "transition",
    "at",
    "until",
    "datetime",
    "actor_id",
    "actor_kind",
    "impersonator_id",
    "request_id",
    "signature",
)
"""The same for the note of a step of a scheduled change."""

STEP_OF_OLD = ", ".join(f"OLD.{name}" for name in STEP)
STEP_OF_NEW = ", ".join(f"NEW.{name}" for name in STEP)
MORE_THAN_BLANKED = """
                OR NOT (
                    (NEW.username, NEW.description, NEW.details, NEW.person_salt)
                        IS (OLD.username, OLD.description, OLD.details, OLD.person_salt)
                    OR NEW.username = '' AND NEW.description = '' AND NEW.details = '{{}}'
                        AND NEW.person_salt LIKE '=%' AND OLD.person_salt NOT LIKE '=%')
                OR NOT (
                    (NEW.initiated_by, NEW.impersonator_name, NEW.ip_address, NEW.user_agent, NEW.actor_salt)
                        IS (OLD.initiated_by, OLD.impersonator_name, OLD.ip_address, OLD.user_agent, OLD.actor_salt)
                    OR NEW.initiated_by = '' AND NEW.impersonator_name = '' AND NEW.ip_address = ''
                        AND NEW.user_agent = ''
                        AND NEW.actor_salt LIKE '=%' AND OLD.actor_salt NOT LIKE '=%')
                """
KEY_CHANGES = "NEW.{key} IS NOT OLD.{key}"
DISAGREES = """
                EXISTS (
                    SELECT 1 FROM {states}
                    WHERE user_id = NEW.{key} AND (current_state = 'active') IS NOT NEW.{is_active})
                """

TRIGGERS = (
    Trigger(
        "state_update",
        # Without a column list: `UPDATE OF id` misses `SET rowid = ...`, which is the same column.
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
                    AND locked_until IS NEW.locked_until AND datetime IS NEW.changed_at))
                """,
            ),
            (
                Rule.LOCK_ENDS_AS_RECORDED,
                "NEW.version IS OLD.version AND NEW.locked_until IS NOT OLD.locked_until",
            ),
            (
                Rule.CHANGED_AT_AS_RECORDED,
                """
                NEW.version IS OLD.version AND NEW.changed_at IS NOT OLD.changed_at
                AND (OLD.changed_at IS NOT NULL OR NOT EXISTS (
                    SELECT 1 FROM {records}
                    WHERE user_id = NEW.user_id AND sequence = NEW.version AND datetime IS NEW.changed_at))
                """,
            ),
        ),
    ),
    Trigger(
        "state_insert",
        # AFTER: a row skipped by INSERT OR IGNORE is not checked.
        "AFTER INSERT ON {states}",
        (
            (
                Rule.STATE_BEGINS_WHERE_THE_RECORD_ENDS,
                """
                EXISTS (SELECT 1 FROM {records} WHERE user_id = NEW.user_id AND sequence > NEW.version)
                OR NOT EXISTS (
                    SELECT 1 FROM {records}
                    WHERE user_id = NEW.user_id AND sequence = NEW.version AND end_state = NEW.current_state
                    AND locked_until IS NEW.locked_until
                    AND (NEW.changed_at IS NULL OR datetime IS NEW.changed_at))
                """,
            ),
        ),
    ),
    # Only Django's connections have this function (`audit.maintenance`). Elsewhere DELETE is an error.
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
        "user_update",
        # No column list, as in "state_update".
        "BEFORE UPDATE ON {users}",
        (
            (Rule.USER_KEEPS_THE_KEY, KEY_CHANGES),
            (Rule.IS_ACTIVE_SAYS_THE_STATE, f"NEW.{{is_active}} IS NOT OLD.{{is_active}} AND {DISAGREES}"),
        ),
    ),
    # After INSERT OR REPLACE, or DELETE and INSERT in one transaction, there is a state already.
    Trigger("user_insert", "AFTER INSERT ON {users}", ((Rule.IS_ACTIVE_SAYS_THE_STATE, DISAGREES),)),
    Trigger(
        "record_insert",
        # BEFORE: afterwards, INSERT OR REPLACE would already have removed the old row.
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
    # In declared maintenance, personal data can be blanked, as `audit.integrity.erasure` does, and nothing else.
    Trigger(
        "record_update",
        "BEFORE UPDATE ON {records}",
        (
            (
                Rule.RECORD_IS_NEVER_CHANGED,
                f"NOT audit_maintenance_declared() OR ({FACTS_OF_OLD}) IS NOT ({FACTS_OF_NEW}) {MORE_THAN_BLANKED}",
            ),
        ),
    ),
    # Only Django's connections have this function (`audit.maintenance`). Elsewhere DELETE is an error.
    Trigger(
        "record_delete", "BEFORE DELETE ON {records}", ((Rule.RECORD_IS_KEPT, "NOT audit_maintenance_declared()"),)
    ),
    Trigger(
        "step_insert",
        "BEFORE INSERT ON {steps}",
        (
            (
                Rule.STEP_IS_NEVER_REPLACED,
                "EXISTS (SELECT 1 FROM {steps} WHERE id = NEW.id OR change = NEW.change AND what = NEW.what)",
            ),
        ),
    ),
    Trigger(
        "step_update",
        "BEFORE UPDATE ON {steps}",
        (
            (
                Rule.STEP_IS_NEVER_CHANGED,
                f"NOT audit_maintenance_declared() OR ({STEP_OF_OLD}) IS NOT ({STEP_OF_NEW}) {MORE_THAN_BLANKED}",
            ),
        ),
    ),
    Trigger("step_delete", "BEFORE DELETE ON {steps}", ((Rule.STEP_IS_KEPT, "NOT audit_maintenance_declared()"),)),
)

HEIR_UPDATE = Trigger("heir_update", "BEFORE UPDATE ON {users}", ((Rule.USER_KEEPS_THE_KEY, KEY_CHANGES),))


def tables(cursor: CursorWrapper, names: Tables) -> Tables:
    """Return the names as they are, because a trigger always uses the tables of its own file."""
    return names


def wanted(tables: Tables) -> dict[str, str]:
    """Return the triggers by name, as `installed` should return them."""
    there = (trigger for trigger in TRIGGERS if tables.steps or "{steps}" not in trigger.event)
    triggers = {PREFIX + trigger.name: trigger.sql(tables) for trigger in there}
    for number, heir in enumerate(tables.of_each_heir(), start=1):
        trigger = replace(HEIR_UPDATE, name=f"{HEIR_UPDATE.name}_{number}")
        triggers[PREFIX + trigger.name] = trigger.sql(heir)
    return triggers


def installed(cursor: CursorWrapper, tables: Tables) -> dict[str, object]:
    """Return the triggers by name, as the database has them."""
    return _found(cursor)


def lock(cursor: CursorWrapper, tables: Tables) -> None:
    """Do nothing: a writer has already locked the whole database."""


def create(cursor: CursorWrapper, tables: Tables) -> None:
    """Create all triggers. Existing rows are not checked."""
    for sql in wanted(tables).values():
        cursor.execute(sql)


def drop(cursor: CursorWrapper, names: list[str]) -> None:
    """Remove all triggers, also those of earlier versions of this app."""
    for name in _found(cursor):
        cursor.execute(f'DROP TRIGGER "{name}"')


def _found(cursor: CursorWrapper) -> dict[str, object]:
    cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s", [f"{PREFIX}%"])
    return dict(cursor.fetchall())
