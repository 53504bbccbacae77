"""The list of people as a file: with the list's filters, for whoever may see it, safe in a spreadsheet, and noted."""

import csv
import io
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import AsyncClient, Client
from django.urls import reverse

from audit.models import RecordRead
from tests.factories import make_user
from tests.staff import LIST, make_staff
from users.administration.people import export
from users.states import State

pytestmark = pytest.mark.django_db

EXPORT = "admin:auth_user_download"


def download(client, **query):
    response = client.get(reverse(EXPORT), query)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"].startswith('attachment; filename="people-')
    return list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))


def noted():
    return list(RecordRead.objects.order_by("pk").values_list("what", "query", "rows", "initiated_by"))


@pytest.fixture
def one_in_each_state():
    return [make_user(state.value, state=state, email=f"{state.value}@example.com") for state in State]


def test_the_file_has_everybody_with_state_and_last_change(client, admin, one_in_each_state):
    one_in_each_state[list(State).index(State.ACTIVE)].fsm.lock(by="helpdesk", description="stolen")

    rows = {row["username"]: row for row in download(client)}

    states = {state.value: state.value for state in State}
    assert {name: row["state"] for name, row in rows.items()} == states | {"admin": "active", "active": "locked"}
    assert (rows["active"]["by"], rows["active"]["reason"]) == ("helpdesk", "stolen")
    assert rows["active"]["email"] == "active@example.com"
    assert rows["admin"]["last_login"].endswith("+00:00")
    assert rows["active"]["last_login"] == ""


def test_it_has_the_filters_and_the_search_of_the_list(client, admin, one_in_each_state):
    assert [row["username"] for row in download(client, state="locked")] == ["locked"]
    assert [row["username"] for row in download(client, q="deactivated@")] == ["deactivated"]
    page = client.get(reverse(LIST), {"state": "locked"}).content.decode()
    assert f'href="{reverse(EXPORT)}?state=locked"' in page


def test_all_batches_are_in_it_once(client, admin, monkeypatch):
    monkeypatch.setattr(export, "BATCH_SIZE", 3)
    for number in range(7):
        make_user(f"person{number}")

    found = [row["username"] for row in download(client, q="person")]

    assert found == [f"person{number}" for number in range(7)]
    assert noted() == [("people", "q=person", 7, "admin")]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝"])
def test_a_spreadsheet_takes_no_name_for_a_formula(client, admin, start):
    make_user("person", first_name=f"{start}HYPERLINK(1)", last_name='a","b')

    (row,) = download(client, q="person")

    assert row["first_name"] == f"'{start}HYPERLINK(1)"
    assert row["last_name"] == 'a","b'


def test_it_is_noted_who_made_it_and_whether_it_was_broken_off(client, admin):
    next(iter(client.get(reverse(EXPORT)).streaming_content))

    assert noted() == [("people", "", None, "admin")]


def test_it_needs_permission_to_see_people(client, one_in_each_state):
    staff = make_staff("staff", "view_userfsm")
    client.force_login(staff)
    assert len(download(client)) == len(State) + 1

    staff.user_permissions.clear()
    assert client.get(reverse(EXPORT)).status_code == 403
    assert Client().get(reverse(EXPORT)).status_code == 302


def test_it_is_read_only(client, admin):
    assert client.post(reverse(EXPORT)).status_code == 405


@pytest.mark.parametrize("query", [{"made_up": "1"}, {"state": "nowhere"}, {"q": "a " * 1000}, {"email__regex": "("}])
def test_nobody_is_exported_who_is_not_in_the_list(client, admin, query):
    response = client.get(reverse(EXPORT), query)

    assert response.status_code == 302
    assert response["Location"].startswith(reverse(LIST))
    assert noted() == []


@pytest.mark.django_db(transaction=True)
async def test_a_server_that_speaks_asgi_streams_it_too(admin):
    client = AsyncClient()
    await client.aforce_login(await User.objects.aget(pk=admin.pk))

    response: Any = await client.get(reverse(EXPORT))

    assert b"admin" in b"".join([piece async for piece in response.streaming_content])
