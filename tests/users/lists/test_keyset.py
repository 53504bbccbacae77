"""Pages by keyset show every row exactly once, in any order, forwards and backwards, and need no count."""

from datetime import UTC, datetime
from urllib.parse import parse_qs

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import F
from django.db.models.functions import Lower
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import make_user
from tests.staff import LIST
from users.admin import StateUserAdmin
from users.lists.keyset import Keyset
from users.models import UserFSM
from users.states import State

pytestmark = pytest.mark.django_db

ORDERS = [
    ["username"],
    ["-username"],
    ["pk"],
    ["first_name"],
    ["-first_name", "last_login"],
    ["first_name", "-last_login"],
    ["last_login"],
    ["-last_login"],
    ["-last_login", "first_name", "-email"],
    ["fsm__current_state"],
    ["-fsm__current_state", "first_name"],
    [Lower("email"), "-first_name"],
    [Lower("email").desc()],
    [F("last_login").desc(), "fsm__current_state"],
]


@pytest.fixture
def people():
    logins = [None, datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)]
    for number in range(12):
        user = make_user(f"person{number:02}", state=list(State)[number % 4], email=f"{'aBc'[number % 3]}@example.org")
        first, seen = "Ada" if number % 2 else "", logins[number % 3]
        User.objects.filter(pk=user.pk).update(first_name=first, last_login=seen)
    User.objects.bulk_create(User(username=f"rowless{number}", first_name="Ada") for number in range(3))
    return User.objects.select_related("fsm")


def keyset(rows, order, size, everybody=None):
    found = Keyset.of(rows, order, size, everybody=rows if everybody is None else everybody)
    assert found is not None
    return found


def forwards(pages):
    page = pages.first()
    assert not page.before
    while True:
        yield page.rows
        if not page.after:
            return
        page = pages.after(page.rows[-1].pk)
        assert page.before


def backwards(pages):
    page = pages.last()
    assert not page.after
    while True:
        yield page.rows
        if not page.before:
            return
        page = pages.before(page.rows[0].pk)
        assert page.after


@pytest.mark.parametrize("order", ORDERS, ids=str)
@pytest.mark.parametrize("size", [1, 4, 5, 15])
def test_every_row_is_shown_once_in_both_directions(people, order, size):
    everybody = keyset(people, order, 100).first()
    assert {user.pk for user in everybody.rows} == set(User.objects.values_list("pk", flat=True))
    assert [user for page in forwards(keyset(people, order, size)) for user in page] == everybody.rows
    assert [user for page in [*backwards(keyset(people, order, size))][::-1] for user in page] == everybody.rows


@pytest.mark.parametrize("order", [["username"], ["-first_name", "pk"], ["first_name", "-email", "username"]], ids=str)
def test_the_order_is_that_of_the_database(people, order):
    assert keyset(people, order, 100).first().rows == list(people.order_by(*order))


@pytest.mark.parametrize("order", [["last_login", "pk"], ["-last_login", "pk"]], ids=str)
def test_rows_without_a_value_come_last_in_both_directions(people, order):
    seen = [user.last_login for user in keyset(people, order, 100).first().rows]
    known = [each for each in seen if each]
    assert seen == known + [None] * (len(seen) - len(known))
    assert known == sorted(known, reverse=order[0].startswith("-"))


def test_a_page_can_begin_after_a_row_that_no_longer_matches(people):
    active = people.filter(fsm__current_state=State.ACTIVE)
    moved, following, *_ = active.order_by("username")
    moved.fsm.lock()
    assert keyset(active, ["username"], 2, everybody=people).after(moved.pk).rows[0] == following


def test_a_page_after_a_row_that_is_gone_is_none(people):
    assert keyset(people, ["username"], 2).after(0) is None


@pytest.mark.parametrize("order", [["?"], ["groups"], [F("last_login").asc(nulls_first=True)]], ids=str)
def test_an_order_that_is_none_of_columns_has_no_places(people, order):
    assert Keyset.of(people, order, 2, everybody=people) is None


# The list


@pytest.fixture
def small_pages(monkeypatch):
    monkeypatch.setattr(StateUserAdmin, "list_per_page", 4)


def read(client, **query):
    response = client.get(reverse(LIST), query, follow=True)
    assert response.status_code == 200
    return response


def walked(client, **query):
    """All pages by the links on them."""
    seen = []
    while True:
        changelist = read(client, **query).context["cl"]
        seen.append([user.username for user in changelist.result_list])
        link = changelist.pages["after"]
        if link is None:
            return seen
        query = {name: values[0] for name, values in parse_qs(link.removeprefix("?")).items()}


@pytest.mark.parametrize("query", [{}, {"o": "1"}, {"o": "-2.1"}, {"state": "active"}, {"q": "person"}, {"o": "3"}])
@pytest.mark.usefixtures("people", "small_pages")
def test_the_links_lead_through_the_whole_list(client, admin, query):
    everything = read(client, **query, all="").context["cl"].result_list
    pages = walked(client, **query)
    names = [name for page in pages for name in page]
    assert sorted(names) == sorted(user.username for user in everything)
    assert len(names) == len(set(names))


@pytest.mark.usefixtures("people", "small_pages")
def test_a_page_is_not_counted(client, admin):
    with CaptureQueriesContext(connection) as queries:
        page = read(client, state="active", after=User.objects.get(username="person01").pk)
    assert not [each for each in queries if "COUNT(" in each["sql"].upper()]
    assert "More than" in page.content.decode()


@pytest.mark.usefixtures("people", "small_pages")
def test_a_list_of_one_page_says_how_many_there_are(client, admin):
    page = read(client, q="person03").content.decode()
    assert "1 result" in page
    assert "list-pages" not in page


@pytest.mark.usefixtures("people", "small_pages")
def test_links_to_numbered_pages_work_as_before(client, admin):
    by_number = [user.username for user in read(client, o="1", p="2").context["cl"].result_list]
    assert by_number == walked(client, o="1")[1]
    assert 'class="paginator"' in read(client, o="1", p="2").content.decode()


@pytest.mark.parametrize("query", [{"after": "x"}, {"before": "0"}, {"after": "9" * 30}])
@pytest.mark.usefixtures("people", "small_pages")
def test_a_place_that_is_none_leads_to_the_first_page_and_is_named(client, admin, query):
    page = read(client, **query)
    assert page.context["cl"].result_list == read(client).context["cl"].result_list
    assert "was left out" in page.content.decode()


@pytest.mark.usefixtures("people", "small_pages")
def test_links_to_filters_and_orders_start_at_the_first_page(client, admin):
    page = read(client, after=User.objects.get(username="person01").pk)
    assert "after=" not in page.context["cl"].get_query_string({"state": "active"})


@pytest.mark.usefixtures("people", "small_pages")
def test_an_action_on_everybody_in_the_list_reaches_all_pages(client, admin):
    active = UserFSM.objects.in_state(State.ACTIVE).filter(user__username__startswith="person")
    page = read(client, q="person")
    assert "Select everybody in this list, on all pages" in page.content.decode()
    chosen = {"action": "lock", "select_across": "1", "_selected_action": active[0].user_id}
    asked = client.post(f"{reverse(LIST)}?q=person", chosen)
    assert f"Lock {active.count()} accounts" in asked.content.decode()
