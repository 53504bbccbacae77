import csv
import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from audit.models import UserStateAudit
from audit.stream.export import pieces
from audit.stream.formats import FORMATS, csv_rows, json_lines
from audit.stream.sources import CHANGES
from tests.audit.stream.lives import every_kind_of_record, of_format_1
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_a_line_of_json_has_every_column_except_salts():
    for record in every_kind_of_record():
        line = json_lines.line("changes", record, "changes-1-abc")
        values = json.loads(line)

        assert "\n" not in line
        columns = {field.attname for field in UserStateAudit._meta.concrete_fields} - {"person_salt", "actor_salt"}
        assert values.keys() == columns | {"event_id", "event"}
        assert values["description"] == record.description


def test_a_time_in_microseconds_is_written_as_it_was_signed():
    first, _ = of_format_1()
    whole = UserStateAudit(datetime=first.datetime.replace(microsecond=0))

    assert json.loads(json_lines.line("changes", first, "1"))["datetime"] == "2025-03-01T12:00:00.123456Z"
    assert json.loads(json_lines.line("changes", whole, "1"))["datetime"] == "2025-03-01T12:00:00.000Z"


def test_a_record_of_csv_is_read_back_as_it_was():
    for record in every_kind_of_record():
        text = f"{csv_rows.HEADING}\n{csv_rows.line('changes', record, 'changes-1-abc')}\n"
        (values,) = csv.DictReader(io.StringIO(text, newline=""))

        assert values["description"] == record.description
        assert json.loads(values["details"]) == record.details
        assert values["event_id"] == "changes-1-abc"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1"])
def test_no_cell_of_csv_is_a_formula(text):
    record = UserStateAudit(username=text, description=text, user_agent=text, initiated_by=text, request_id=text)
    vars(record)["user_id"] = text  # in a project whose users have their names as keys

    (values,) = csv.DictReader(
        io.StringIO(f"{csv_rows.HEADING}\n{csv_rows.line('changes', record, '1')}\n", newline="")
    )

    columns = ("username", "description", "user_agent", "initiated_by", "request_id", "user_id")
    assert {values[name] for name in columns} == {f"'{text}"}


@pytest.mark.parametrize("form", ["jsonl", "ocsf", "ocsf-user-management", "ecs", "csv"])
def test_an_export_has_the_records_of_the_period_in_every_format(tmp_path, time_machine, form):
    for day in (1, 2, 3):
        time_machine.move_to(f"2026-03-0{day}T12:00:00Z")
        make_user(f"user{day}")
    path = tmp_path / "export"

    call_command("audit_export", since="2026-03-02", until="2026-03-03", form=form, file=path)

    lines = path.read_text().splitlines()[1 if form == "csv" else 0 :]
    assert len(lines) == 2
    assert all("user2" in line for line in lines)


def test_an_export_replaces_no_file(tmp_path):
    (tmp_path / "export").write_text("something")

    with pytest.raises(CommandError, match="exists"):
        call_command("audit_export", file=tmp_path / "export")


def test_an_export_of_several_pages_has_every_record_once(tmp_path, monkeypatch):
    monkeypatch.setattr("audit.stream.export.PAGE", 2)
    for number in range(3):
        make_user(f"user{number}").fsm.lock(by="system")

    call_command("audit_export", file=tmp_path / "export")

    written = [json.loads(line)["id"] for line in (tmp_path / "export").read_text().splitlines()]
    assert written == list(UserStateAudit.objects.order_by("datetime", "pk").values_list("pk", flat=True))


def test_standard_output_has_only_events(capsysbinary):
    make_user()

    call_command("audit_stream")

    out = capsysbinary.readouterr().out
    assert [json.loads(line)["sequence"] for line in out.splitlines()] == [0, 1]


def test_what_is_not_there_cannot_be_asked_for():
    with pytest.raises(CommandError, match="--what: passwords"):
        call_command("audit_stream", what="changes,passwords")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL writes files itself")
def test_what_postgresql_writes_itself_is_what_the_stream_delivers(monkeypatch, tamper):
    every_kind_of_record()
    for key, moment in ((1, "2025-03-01T12:00:00.123456Z"), (2, "2025-03-01T12:00:00.120000Z")):
        tamper("UPDATE user_audit_userstateaudit SET datetime = %s WHERE sequence = %s", [moment, key])
    for form, read in ((FORMATS["jsonl"], _objects), (FORMATS["csv"], _rows)):
        itself = b"".join(lines for lines, _ in pieces(CHANGES, form, start=None, end=None, using="default"))
        with monkeypatch.context() as patched:
            patched.setattr("audit.stream.copying.can_copy", lambda *args: False)
            here = b"".join(lines for lines, _ in pieces(CHANGES, form, start=None, end=None, using="default"))

        assert read(itself) == read(here)
        assert len(read(itself)) == UserStateAudit.objects.count()


def _objects(data):
    return [json.loads(line) for line in data.decode().split("\n") if line]


def _rows(data):
    found = list(csv.DictReader(io.StringIO(data.decode(), newline="")))
    return [row | {"details": json.loads(row["details"])} for row in found]
