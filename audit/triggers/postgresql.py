"""
The rules as PostgreSQL triggers.

All are AFTER triggers, which run when the whole statement is done. A record and its change may therefore come in one
statement (a data-modifying WITH), in any order, and a row skipped by ON CONFLICT DO NOTHING is not checked. They are
ENABLE ALWAYS, so that `session_replication_role` does not switch them off.

Functions run as their owner, with a search path of their own. Rows that a role may not read still count, and a
temporary table of the same name does not. Functions that check for maintenance run as the role that deletes.

A session keeps its plans while tables grow. So a row is always looked up by its unique index: sequential scans are off
(enable_seqscan), and conditions on the row are in the SELECT list, where no other index can serve them. With the
conditions in WHERE, a bulk transition took ten times as long until the next ANALYZE.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256

from django.db.backends.utils import CursorWrapper

from audit.rules import Rule
from audit.triggers.plain import plain
from audit.triggers.vendor import PREFIX, Tables, UserTable

ALWAYS = "A"
"""The value of `pg_trigger.tgenabled` for ENABLE ALWAYS."""

# See `audit.maintenance`. Any role can set this, so it counts only for roles that could drop the trigger anyway.
NO_MAINTENANCE = """
    coalesce(current_setting('audit.maintenance', true), '') = ''
    OR NOT pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'USAGE')
"""


PERSONAL = (
    "ARRAY['username', 'description', 'details', 'person_salt', 'initiated_by', 'impersonator_name', 'ip_address', "
    "'user_agent', 'actor_salt']"
)

MORE_THAN_BLANKED = f"""
        ({NO_MAINTENANCE.strip()}) OR to_jsonb(OLD) - {PERSONAL} <> to_jsonb(NEW) - {PERSONAL}
        OR NOT (
            (NEW.username, NEW.description, NEW.details, NEW.person_salt)
                IS NOT DISTINCT FROM (OLD.username, OLD.description, OLD.details, OLD.person_salt)
            OR NEW.username = '' AND NEW.description = '' AND NEW.details = '{{{{}}}}'::jsonb
                AND NEW.person_salt LIKE '=%' AND OLD.person_salt NOT LIKE '=%')
        OR NOT (
            (NEW.initiated_by, NEW.impersonator_name, NEW.ip_address, NEW.user_agent, NEW.actor_salt) IS NOT DISTINCT
                FROM (OLD.initiated_by, OLD.impersonator_name, OLD.ip_address, OLD.user_agent, OLD.actor_salt)
            OR NEW.initiated_by = '' AND NEW.impersonator_name = '' AND NEW.ip_address = '' AND NEW.user_agent = ''
                AND NEW.actor_salt LIKE '=%' AND OLD.actor_salt NOT LIKE '=%')
        """


@dataclass(frozen=True, slots=True)
class Trigger:
    """One rule."""

    rule: Rule
    event: str
    table: str
    refuses: str
    """The condition under which it refuses."""

    each: str = "ROW"
    when: str = ""
    deferred: bool = False
    as_owner: bool = True
    suffix: str = ""
    """For a rule that needs more than one trigger."""

    @property
    def name(self) -> str:
        return f"{PREFIX}{self.rule.value}{self.suffix}"

    def body(self, tables: Tables) -> str:
        """Return the function's body, which PostgreSQL stores verbatim."""
        return f"""
BEGIN
  IF ({tables.fill(self.refuses).strip()}) THEN
    RAISE EXCEPTION USING ERRCODE = 'restrict_violation', CONSTRAINT = '{self.rule.value}',
      SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, MESSAGE = '{self.rule.message}';
  END IF;
  RETURN NULL;
END
"""

    def sql(self, tables: Tables) -> str:
        """Return the statements that create the function and the trigger."""
        table = tables.name_of(self.table)
        function = f'{tables.schema}."{self.name}"()'
        return f"""
CREATE OR REPLACE FUNCTION {function} RETURNS trigger LANGUAGE plpgsql
  SECURITY {"DEFINER" if self.as_owner else "INVOKER"}
  SET search_path = pg_catalog, pg_temp SET enable_seqscan = off
  AS ${PREFIX}${self.body(tables)}${PREFIX}$;
CREATE {"CONSTRAINT " if self.deferred else ""}TRIGGER "{self.name}" AFTER {self.event} ON {table}
  {"DEFERRABLE INITIALLY DEFERRED" if self.deferred else ""}
  FOR EACH {self.each} {f"WHEN ({tables.fill(self.when)})" if self.when else ""} EXECUTE FUNCTION {function};
ALTER TABLE {table} ENABLE ALWAYS TRIGGER "{self.name}";
"""

    def digest(self, tables: Tables) -> str:
        """Return a digest of `sql` for the trigger's comment, because PostgreSQL does not store the trigger's text."""
        return sha256(self.sql(tables).encode()).hexdigest()

    def facts(self, tables: Tables) -> tuple[object, ...]:
        """Return what the catalogue says of the trigger and its function; see `INSTALLED`."""
        kind = EVENTS[self.event] + (FOR_EACH_ROW if self.each == "ROW" else 0)
        trigger = (tables.name_of(self.table), kind, self.deferred, True, plain(tables.fill(self.when)))
        function = (self.as_owner, CONFIGURATION, "plpgsql")
        return ALWAYS, self.body(tables), self.digest(tables), *trigger, *function


DISAGREES = "EXISTS (SELECT FROM {states} WHERE user_id = NEW.{key} AND (current_state = 'active') <> NEW.{is_active})"

KEY_OF_USERS = Trigger(Rule.USER_KEEPS_THE_KEY, "UPDATE", "users", "true", when="OLD.{key} IS DISTINCT FROM NEW.{key}")

TRIGGERS = (
    Trigger(
        Rule.STATE_KEEPS_ITS_USER,
        "UPDATE",
        "states",
        "true",
        when="OLD.id IS DISTINCT FROM NEW.id OR OLD.user_id IS DISTINCT FROM NEW.user_id",
    ),
    Trigger(
        Rule.STATE_CHANGES_WITH_ITS_RECORD,
        "UPDATE",
        "states",
        """
        NEW.version <> OLD.version + 1 OR (
            SELECT start_state = OLD.current_state AND end_state = NEW.current_state
                AND locked_until IS NOT DISTINCT FROM NEW.locked_until AND datetime = NEW.changed_at
            FROM {records} WHERE user_id = NEW.user_id AND sequence = NEW.version) IS NOT TRUE
        """,
        when="OLD.version <> NEW.version OR OLD.current_state <> NEW.current_state",
    ),
    Trigger(
        Rule.LOCK_ENDS_AS_RECORDED,
        "UPDATE",
        "states",
        "true",
        when="OLD.version = NEW.version AND OLD.locked_until IS DISTINCT FROM NEW.locked_until",
    ),
    Trigger(
        Rule.CHANGED_AT_AS_RECORDED,
        "UPDATE",
        "states",
        """
        OLD.changed_at IS NOT NULL OR (
            SELECT datetime = NEW.changed_at
            FROM {records} WHERE user_id = NEW.user_id AND sequence = NEW.version) IS NOT TRUE
        """,
        when="OLD.version = NEW.version AND OLD.changed_at IS DISTINCT FROM NEW.changed_at",
    ),
    Trigger(
        Rule.STATE_BEGINS_WHERE_THE_RECORD_ENDS,
        "INSERT",
        "states",
        """
        EXISTS (SELECT FROM {records} WHERE user_id = NEW.user_id AND sequence > NEW.version)
        OR (
            SELECT end_state = NEW.current_state AND locked_until IS NOT DISTINCT FROM NEW.locked_until
                AND coalesce(datetime = NEW.changed_at, true)
            FROM {records} WHERE user_id = NEW.user_id AND sequence = NEW.version) IS NOT TRUE
        """,
    ),
    # Runs as the role that deletes, because of the check for maintenance.
    Trigger(
        Rule.STATE_ENDS_WITH_ITS_DEATH,
        "DELETE",
        "states",
        f"""
        (
            SELECT end_state = ''
            FROM {{records}} WHERE user_id = OLD.user_id AND sequence = OLD.version + 1) IS NOT TRUE
        AND ({NO_MAINTENANCE.strip()})
        """,
        as_owner=False,
    ),
    # TRUNCATE fires no row trigger. It would remove the rows that the rule above and the one at COMMIT look at.
    Trigger(Rule.STATES_ARE_KEPT, "TRUNCATE", "states", NO_MAINTENANCE, each="STATEMENT", as_owner=False),
    # The state is one version behind its record, or has the same version if one statement wrote both. A transition
    # already holds the lock. It keeps the account from being deleted before the COMMIT of another session is checked
    # for the change. A birth takes the sequence after the last record of its key, and has no state yet, or its own.
    Trigger(
        Rule.RECORD_FOLLOWS_FROM_THE_STATE,
        "INSERT",
        "records",
        """
        CASE WHEN NEW.start_state = '' THEN
            NEW.sequence <> coalesce((
                SELECT max(sequence) FROM {records} WHERE user_id = NEW.user_id AND sequence < NEW.sequence), -1) + 1
            OR (
                SELECT version <> NEW.sequence OR current_state <> NEW.end_state
                FROM {states} WHERE user_id = NEW.user_id)
        ELSE (
            SELECT version = NEW.sequence - 1 AND current_state = NEW.start_state
                OR version = NEW.sequence AND current_state = NEW.end_state
            FROM {states} WHERE user_id = NEW.user_id FOR NO KEY UPDATE) IS NOT TRUE
        END
        """,
    ),
    # Versions only go up, each step with its record. Without a row, the account has ended after the change, with a
    # record.
    Trigger(
        Rule.RECORD_COMES_WITH_ITS_CHANGE,
        "INSERT",
        "records",
        """
        coalesce(
            (SELECT version < NEW.sequence FROM {states} WHERE user_id = NEW.user_id),
            NEW.end_state <> ''
            AND NOT EXISTS (SELECT FROM {records} WHERE user_id = NEW.user_id AND sequence > NEW.sequence))
        """,
        deferred=True,
    ),
    # In declared maintenance, personal data can be blanked, as `audit.integrity.erasure` does, and nothing else.
    Trigger(Rule.RECORD_IS_NEVER_CHANGED, "UPDATE", "records", MORE_THAN_BLANKED, as_owner=False),
    KEY_OF_USERS,
    # A statement that changes a state and then `is_active` is checked at its end, when both are written.
    Trigger(
        Rule.IS_ACTIVE_SAYS_THE_STATE,
        "UPDATE",
        "users",
        DISAGREES,
        when="OLD.{is_active} IS DISTINCT FROM NEW.{is_active}",
    ),
    # After DELETE and INSERT in one transaction, which no foreign key notices, there is a state already.
    Trigger(Rule.IS_ACTIVE_SAYS_THE_STATE, "INSERT", "users", DISAGREES, suffix="_insert"),
    Trigger(Rule.RECORD_IS_KEPT, "DELETE", "records", NO_MAINTENANCE, as_owner=False),
    Trigger(
        Rule.RECORD_IS_KEPT,
        "TRUNCATE",
        "records",
        NO_MAINTENANCE,
        each="STATEMENT",
        as_owner=False,
        suffix="_truncate",
    ),
    Trigger(Rule.STEP_IS_NEVER_CHANGED, "UPDATE", "steps", MORE_THAN_BLANKED, as_owner=False),
    Trigger(Rule.STEP_IS_KEPT, "DELETE", "steps", NO_MAINTENANCE, as_owner=False),
    Trigger(
        Rule.STEP_IS_KEPT, "TRUNCATE", "steps", NO_MAINTENANCE, each="STATEMENT", as_owner=False, suffix="_truncate"
    ),
)

INSTALLED = """
SELECT tgname, tgenabled, prosrc, obj_description(t.oid, 'pg_trigger'),
    quote_ident(nspname) || '.' || quote_ident(relname), tgtype::int, tginitdeferred, tgattr::text = '' AND tgnargs = 0,
    coalesce(substring(pg_get_triggerdef(t.oid) from 'WHEN (.*) EXECUTE FUNCTION'), ''),
    prosecdef, proconfig, lanname::text
FROM pg_trigger t JOIN pg_proc p ON p.oid = tgfoid JOIN pg_language l ON l.oid = prolang
    JOIN pg_class c ON c.oid = tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE tgrelid = ANY(%s::regclass[]) AND starts_with(tgname::text, %s)
"""

WHEN = 8
"""The place of the condition among these facts."""

FOR_EACH_ROW = 1
EVENTS = {"INSERT": 4, "DELETE": 8, "UPDATE": 16, "TRUNCATE": 32}
"""The bits of `pg_trigger.tgtype`. The bits for BEFORE and INSTEAD OF are never set."""

CONFIGURATION = ["search_path=pg_catalog, pg_temp", "enable_seqscan=off"]

NAMED = """
SELECT quote_ident(nspname), quote_ident(relname) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
WHERE c.oid = %s::regclass
"""

FUNCTIONS = """
SELECT p.oid::regprocedure::text FROM pg_proc p
WHERE starts_with(proname::text, %s) AND prorettype = 'trigger'::regtype
    AND pronamespace IN (SELECT relnamespace FROM pg_class WHERE oid = ANY(%s::regclass[]))
"""


def tables(cursor: CursorWrapper, names: Tables) -> Tables:
    """Return the names with their schema, because the functions have a search path of their own."""

    def whole(name: str) -> tuple[str, str]:
        cursor.execute(NAMED, [name])
        schema, table = cursor.fetchone()
        return f"{schema}.{table}", schema

    records, schema = whole(names.records)
    return replace(
        names,
        states=whole(names.states)[0],
        records=records,
        steps=names.steps and whole(names.steps)[0],
        users=UserTable(whole(names.users.name)[0], names.users.key),
        heirs=tuple(UserTable(whole(heir.name)[0], heir.key) for heir in names.heirs),
        schema=schema,
    )


def each(tables: Tables) -> Iterator[tuple[Trigger, Tables]]:
    """Return all triggers, each with the names of its tables."""
    for trigger in TRIGGERS:
        if tables.name_of(trigger.table):
            yield trigger, tables
    for number, heir in enumerate(tables.of_each_heir(), start=1):
        yield replace(KEY_OF_USERS, suffix=f"_{number}"), heir


def wanted(tables: Tables) -> dict[str, object]:
    """Return the facts about each trigger by name."""
    return {trigger.name: trigger.facts(names) for trigger, names in each(tables)}


def installed(cursor: CursorWrapper, tables: Tables) -> dict[str, object]:
    """Return the triggers by name, as the database has them."""
    cursor.execute(INSTALLED, [_all(tables), PREFIX])
    return {row[0]: (*row[1:WHEN], plain(row[WHEN]), *row[WHEN + 1 :]) for row in cursor.fetchall()}


def lock(cursor: CursorWrapper, tables: Tables) -> None:
    """Make writers and other `migrate` runs wait for the end of this transaction. Readers go on."""
    cursor.execute(f"LOCK TABLE {', '.join(_all(tables))} IN SHARE ROW EXCLUSIVE MODE")


def create(cursor: CursorWrapper, tables: Tables) -> None:
    """Create all functions and triggers. Existing rows are not checked."""
    for trigger, names in each(tables):
        table, digest = names.name_of(trigger.table), trigger.digest(names)
        cursor.execute(trigger.sql(names))
        cursor.execute(f"COMMENT ON TRIGGER \"{trigger.name}\" ON {table} IS '{digest}'")


def drop(cursor: CursorWrapper, names: list[str]) -> None:
    """
    Remove all functions and their triggers, also those of earlier versions of this app.

    Other schemas of the search path keep theirs: with django-tenants, they are of other accounts.
    """
    cursor.execute(FUNCTIONS, [PREFIX, names])
    for (function,) in cursor.fetchall():
        cursor.execute(f"DROP FUNCTION {function} CASCADE")


def _all(tables: Tables) -> list[str]:
    names = [tables.records, tables.states, tables.steps, tables.users.name, *(heir.name for heir in tables.heirs)]
    return [name for name in names if name]
