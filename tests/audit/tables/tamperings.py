"""
What somebody who owns the tables can change about them, and what is said of it.

Each is a row of `docs/evidence.md`: its title, and what `check --database` and `audit_verify` say on each database.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection

from audit.models import UserStateAudit
from tests.audit.refusals.attempts import run

RECORDS, STATES = UserStateAudit._meta.db_table, "user_lifecycle_userfsm"


def sql(*statements: str) -> Callable[[], None]:
    def carry_out() -> None:
        for statement in statements:
            run(statement)

    return carry_out


def edit(name: str, old: str, new: str) -> Callable[[], None]:
    """As `PRAGMA writable_schema` lets everybody who can write to an SQLite file."""

    def carry_out() -> None:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA writable_schema = ON")
            cursor.execute("UPDATE sqlite_master SET sql = replace(sql, %s, %s) WHERE name = %s", [old, new, name])
            cursor.execute("PRAGMA writable_schema = RESET")

    return carry_out


def rebuild_without(constraint: str) -> Callable[[], None]:
    """A copy of the table with its rows, and without this constraint, in its place."""

    def carry_out() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT sql FROM sqlite_master WHERE name = %s", [RECORDS])
            (text,) = cursor.fetchone()
            cursor.execute(text.replace(f'"{RECORDS}"', "copied", 1).replace(constraint, "CHECK (1)"))
            cursor.execute(f"INSERT INTO copied SELECT * FROM {RECORDS}")
            cursor.execute(f"DROP TABLE {RECORDS}")
            cursor.execute("PRAGMA legacy_alter_table = ON")  # triggers name the table, which is not there yet
            cursor.execute(f"ALTER TABLE copied RENAME TO {RECORDS}")
            cursor.execute("PRAGMA legacy_alter_table = OFF")

    return carry_out


@dataclass(frozen=True)
class Tampering:
    title: str
    says: str
    postgresql: Callable[[], None] | None = None
    sqlite: Callable[[], None] | None = None

    @property
    def row(self) -> str:
        sides = (f"`{self.says}`" if each else "–" for each in (self.sqlite, self.postgresql))
        return f"| {self.title} | {' | '.join(sides)} |"


VIEW = sql(f"ALTER TABLE {RECORDS} RENAME TO away", f"CREATE VIEW {RECORDS} AS SELECT * FROM away WHERE 1 = 0")
KNOWN = "userstateaudit_states_are_known"
KEPT = "audit_rule_record_is_kept"
UNCHANGED = "audit_rule_state_keeps_its_user"


def again(event: str, condition: str = "", table: str = STATES) -> Callable[[], None]:
    """The trigger anew, under its name, with its function and its comment."""

    def carry_out() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT obj_description(oid, 'pg_trigger') FROM pg_trigger WHERE tgname = %s", [UNCHANGED])
            (comment,) = cursor.fetchone()
            cursor.execute(f"DROP TRIGGER {UNCHANGED} ON {STATES}")
            how = f"AFTER {event} ON {table} FOR EACH ROW {condition} EXECUTE FUNCTION {UNCHANGED}()"
            cursor.execute(f"CREATE TRIGGER {UNCHANGED} {how}")
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {UNCHANGED}")
            cursor.execute(f"COMMENT ON TRIGGER {UNCHANGED} ON {table} IS '{comment}'")

    return carry_out


SAME = "WHEN (OLD.id IS DISTINCT FROM NEW.id OR OLD.user_id IS DISTINCT FROM NEW.user_id)"

TABLES = (
    Tampering("a view in the place of the records", "is a view", VIEW, VIEW),
    Tampering(
        "a rule that does nothing instead of an `UPDATE`",
        "has rules",
        sql(f"CREATE RULE quiet AS ON UPDATE TO {STATES} DO INSTEAD NOTHING"),
    ),
    Tampering(
        "row level security that hides records from whoever verifies",
        "has row level security",
        sql(f"ALTER TABLE {RECORDS} ENABLE ROW LEVEL SECURITY", f"CREATE POLICY narrow ON {RECORDS} USING (false)"),
    ),
    Tampering(
        "a table with more records that inherits from theirs",
        "shows the rows of other tables",
        sql(f"CREATE TABLE more () INHERITS ({RECORDS})"),
    ),
    Tampering(
        "a table of the same name in a schema that comes first in the search path",
        "is in several schemas",
        sql(
            "CREATE SCHEMA first",
            f"CREATE TABLE first.{RECORDS} (LIKE {RECORDS} INCLUDING ALL)",
            "SET LOCAL search_path = first, public",
        ),
    ),
    Tampering("a table that is not logged", "is not logged", sql(f"ALTER TABLE {RECORDS} SET UNLOGGED")),
    Tampering(
        "another type of a column",
        "instead of text",
        sql(f"ALTER TABLE {RECORDS} ALTER description TYPE varchar(9000)"),
        edit(RECORDS, '"description" text', '"description" blob'),
    ),
    Tampering(
        "a default of a column",
        "has a default",
        sql(f"ALTER TABLE {RECORDS} ALTER signature SET DEFAULT 'x'"),
        edit(RECORDS, '"signature" varchar(128) NOT NULL', '"signature" varchar(128) NOT NULL DEFAULT 1'),
    ),
    Tampering(
        "a column that may be empty",
        "need not be empty",
        sql(f"ALTER TABLE {RECORDS} ALTER signature DROP NOT NULL"),
        edit(RECORDS, '"signature" varchar(128) NOT NULL', '"signature" varchar(128) NULL'),
    ),
    Tampering(
        "a column that is generated",
        "is generated",
        sql(
            f"ALTER TABLE {RECORDS} DROP description",
            f"ALTER TABLE {RECORDS} ADD description text GENERATED ALWAYS AS ('nothing') STORED NOT NULL",
        ),
    ),
    Tampering(
        "a constraint that is dropped",
        "lacks the constraint userstateaudit_one_per_sequence",
        sql(f"ALTER TABLE {RECORDS} DROP CONSTRAINT userstateaudit_one_per_sequence"),
        rebuild_without('CONSTRAINT "userstateaudit_one_per_sequence" UNIQUE ("user_id", "sequence")'),
    ),
    Tampering(
        "a constraint under its name that allows everything",
        f"the constraint {KNOWN} says something else",
        sql(
            f"ALTER TABLE {RECORDS} DROP CONSTRAINT {KNOWN}",
            f"ALTER TABLE {RECORDS} ADD CONSTRAINT {KNOWN} CHECK (true)",
        ),
        edit(RECORDS, "'locked', 'deactivated') AND NOT", "'locked', 'deactivated', 'king') AND NOT"),
    ),
    Tampering(
        "a constraint that is put back without looking at the rows",
        "was not asked about the rows",
        sql(
            f"ALTER TABLE {RECORDS} DROP CONSTRAINT userstateaudit_values_are_text",
            f"ALTER TABLE {RECORDS} ADD CONSTRAINT userstateaudit_values_are_text CHECK (1 = 1) NOT VALID",
        ),
    ),
    Tampering(
        "a sequence that gives each session keys in advance",
        "are not given one after the other",
        sql(f"ALTER SEQUENCE {RECORDS}_id_seq CACHE 50"),
    ),
    Tampering(
        "a sequence that is set back to keys of records that were archived",
        "is one that another row had before",
        sql(f"ALTER SEQUENCE {RECORDS}_id_seq RESTART WITH 1"),
    ),
)

TRIGGERS = (
    Tampering(
        "a trigger that is dropped",
        "altered triggers",
        sql(f"DROP TRIGGER {KEPT} ON {RECORDS}"),
        sql("DROP TRIGGER audit_rule_record_delete"),
    ),
    Tampering(
        "a trigger that is switched off",
        "altered triggers",
        sql(f"ALTER TABLE {RECORDS} DISABLE TRIGGER {KEPT}"),
    ),
    Tampering(
        "a function whose body does nothing",
        "altered triggers",
        sql(f"CREATE OR REPLACE FUNCTION {KEPT}() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"),
    ),
    Tampering(
        "a function that looks up names elsewhere",
        "altered triggers",
        sql(f"ALTER FUNCTION {UNCHANGED}() SET search_path = first, pg_catalog"),
    ),
    Tampering(
        "a function that runs as whoever writes",
        "altered triggers",
        sql("ALTER FUNCTION audit_rule_state_begins_where_the_record_ends() SECURITY INVOKER"),
    ),
    Tampering(
        "a trigger under its name, with its function and its comment, that never fires",
        "altered triggers",
        again("UPDATE", "WHEN (false)"),
    ),
    Tampering("the same for another event", "altered triggers", again("INSERT", "WHEN (NEW.id < 0)")),
    Tampering("the same for one column only", "altered triggers", again("UPDATE OF failed_logins", SAME)),
    Tampering("the same at another table", "altered triggers", again("UPDATE", SAME, RECORDS)),
    Tampering(
        "a trigger of its name that does nothing",
        "altered triggers",
        sqlite=sql(
            "DROP TRIGGER audit_rule_record_delete",
            f"CREATE TRIGGER audit_rule_record_delete BEFORE DELETE ON {RECORDS} BEGIN SELECT 1; END",
        ),
    ),
    Tampering(
        "`PRAGMA writable_schema` and another text of a trigger",
        "altered triggers",
        sqlite=edit("audit_rule_record_delete", "NOT audit_maintenance_declared()", "1 = 0"),
    ),
)

TAMPERINGS = (*TABLES, *TRIGGERS)
