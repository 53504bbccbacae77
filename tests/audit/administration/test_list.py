"""The list of records: what it finds, in how many queries, and what it answers to nonsense."""

from collections.abc import Iterator
from itertools import chain
from urllib.parse import urlencode

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.context import acting_as
from audit.models import UserStateAudit
from tests.factories import make_invited, make_superuser, make_user
from users.models import UserFSM
from users.states import State

LIST = "/admin/user_audit/userstateaudit/"


def found(client: Client, **parameters: str | int) -> list[str]:
    """The names in the list of transitions, newest first; births and deaths stand between them."""
    response = client.get(LIST, parameters)
    assert response.status_code == 200, response
    listed = response.context["cl"].result_list
    return [record.username for record in listed if record.start_state and record.end_state]


def many(prefix: str, count: int) -> None:
    """So many accounts with one record each."""
    users = make_invited(f"{prefix}{number:04}" for number in range(count))
    UserFSM.objects.filter(user__in=users).bulk_transition("activate")


def test_a_thousand_records_take_as_many_queries_as_ten_and_none_counts(auditor_client: Client):
    pages = ["", "?q=many", "?to=active", "?by=cli&days=30", "?oldest=1", "?datetime__year=2026&datetime__month=11"]
    statements: list[list[list[str]]] = []
    for prefix, count in (("many-a", 9), ("many-b", 990)):
        many(prefix, count)
        statements.append([statements_of(auditor_client, page) for page in pages])
    assert UserStateAudit.objects.transitions().count() == 1000
    for few, lots in zip(*statements, strict=True):
        assert len(few) == len(lots) <= 6
        assert not any("COUNT(" in sql.upper() for sql in lots)


def statements_of(client: Client, page: str) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(LIST + page).status_code == 200
    return [query["sql"] for query in queries]


def test_the_links_lead_through_all_pages_and_back(auditor_client: Client):
    many("many", 249)  # two records each, beside those of the auditor

    def walk(link: str, address: str | None) -> Iterator[list[str]]:
        while address is not None:
            changelist = auditor_client.get(LIST + address).context["cl"]
            yield [record.username for record in changelist.result_list]
            address = changelist.pages[link]

    everybody = list(UserStateAudit.objects.order_by("-datetime", "-pk").values_list("username", flat=True))
    down, up = list(walk("older", "")), list(walk("newer", "?oldest=1"))
    assert [len(page) for page in down] == [100] * 5
    assert list(chain(*down)) == list(chain(*reversed(up))) == everybody


def test_links_to_pages_keep_search_and_filters(auditor_client: Client):
    many("many", 150)
    make_user("other")
    page = auditor_client.get(LIST, {"q": "many", "to": "active"}).context["cl"]
    following = auditor_client.get(LIST + page.pages["older"]).context["cl"]
    assert len(following.result_list) == 50
    assert following.pages["newest"] == "?q=many&to=active"
    assert "older=" not in following.get_query_string({"to": "locked"})


def test_the_search_finds_what_account_actor_or_address_begins_with(auditor_client: Client, rf):
    make_user("Annabel")
    make_user("hannah")
    with acting_as("annual review"):
        make_user("bob", state=State.INVITED).fsm.activate()
    assert found(auditor_client, q="ann") == ["bob", "Annabel"]
    assert found(auditor_client, q="ANNA") == ["Annabel"]
    assert found(auditor_client, q="ann bo") == ["bob"]
    assert found(auditor_client, q="nna") == []
    assert found(auditor_client, q="CLI") == ["bob", "hannah", "Annabel", "auditor"]


def test_signs_that_lookups_give_a_meaning_stand_for_themselves(auditor_client: Client):
    make_user("a_b")
    make_user("axb")
    assert found(auditor_client, q="a_") == ["a_b"]
    assert found(auditor_client, q="%") == []


def test_filters_by_state_actor_and_address(auditor_client: Client):
    root = make_superuser()
    ada = make_user("ada")
    ada.fsm.lock(by=root)
    with acting_as("system"):
        make_user("bob", state=State.INVITED).fsm.deactivate()
    assert found(auditor_client, to="locked") == ["ada"]
    assert found(auditor_client, **{"from": "active"}) == ["ada"]
    assert found(auditor_client, **{"from": "invited", "to": "deactivated"}) == ["bob"]
    assert found(auditor_client, user=ada.pk) == ["ada", "ada"]
    assert found(auditor_client, actor=root.pk) == ["ada"]
    assert found(auditor_client, by="user") == ["ada"]
    assert found(auditor_client, by="system") == ["bob", "ada", "auditor"]
    assert found(auditor_client, by="cli") == []
    assert len(found(auditor_client, address="cli")) == 4
    assert found(auditor_client, address="CL") == []


def test_the_filter_of_lockouts_finds_locks_after_failed_logins(auditor_client: Client):
    make_user("ada", password="right")
    make_user("bob").fsm.lock(by="system", description="has failed logins")
    for _ in range(5):
        Client().post("/accounts/login/", {"username": "ada", "password": "wrong"}, REMOTE_ADDR="192.0.2.7")
    assert found(auditor_client, lock="automatic") == ["ada"]
    assert found(auditor_client, address="192.0.2.7") == ["ada"]
    assert found(auditor_client, q="192.0.2.") == ["ada"]


def test_an_account_keeps_its_records_when_the_user_is_gone(auditor_client: Client):
    ada = make_user("ada")
    key = ada.pk
    ada.delete()
    assert found(auditor_client, user=key) == ["ada"]
    record = UserStateAudit.objects.transitions().get(username="ada")
    assert auditor_client.get(f"{LIST}{record.pk}/change/").status_code == 200


def test_dates_lead_from_years_to_days(auditor_client: Client):
    for day, name in (("2024-12-31 23:59:59.9Z", "old"), ("2026-02-03 00:00Z", "ada"), ("2026-02-04 12:00Z", "bob")):
        with time_machine.travel(day, tick=False):
            make_user(name)
    with time_machine.travel("2026-02-05 12:00Z", tick=False):
        titles = lambda **dates: [  # noqa: E731
            choice.title for choice in auditor_client.get(LIST, dates).context["cl"].date_choices.choices
        ]
    year, month, day = "datetime__year", "datetime__month", "datetime__day"
    assert titles()[-3:] == ["2026", "2025", "2024"]
    assert titles(**{year: 2024}) == ["December 2024"]
    assert titles(**{year: 2026, month: 2})[-2:] == ["February 27", "February 28"]
    assert found(auditor_client, **{year: 2024}) == ["old"]
    assert found(auditor_client, **{year: 2026, month: 2}) == ["bob", "ada"]
    assert found(auditor_client, **{year: 2026, month: 2, day: 3}) == ["ada"]


def test_the_period_begins_with_midnight(auditor_client: Client):
    for moment, name in (
        ("2026-02-03 23:59Z", "before"),
        ("2026-02-04 00:00Z", "first"),
        ("2026-02-10 09:00Z", "today"),
    ):
        with time_machine.travel(moment, tick=False):
            make_user(name)
    with time_machine.travel("2026-02-10 12:00Z", tick=False):
        auditor_client.force_login(User.objects.get(username="auditor"))
        assert [name for name in found(auditor_client, days=7) if name != "auditor"] == ["today", "first"]
        assert [name for name in found(auditor_client, days=1) if name != "auditor"] == ["today"]


NONSENSE = ["\0", "x" * 10_000, "-1", "9" * 30, "٣", "1e3", "'", "\ud800", "", " ", "None", "%00", "\r\n"]
PARAMETERS = [
    *("q", "p", "o", "all", "e", "_facets", "_popup", "_to_field", "older", "newer", "oldest"),
    *("to", "from", "by", "days", "lock", "user", "actor", "address"),
    *("datetime__year", "datetime__month", "datetime__day", "username__regex", "user__password", "nonsense"),
]


@pytest.mark.parametrize("path", [LIST, f"{LIST}export/"])
@pytest.mark.parametrize("name", PARAMETERS)
def test_nonsense_is_dropped_and_never_an_error(auditor_client: Client, path: str, name: str):
    for value in NONSENSE:
        query = urlencode({name: value}, errors="surrogatepass")
        response = auditor_client.get(f"{path}?{query}")
        if response.streaming:
            list(response)
        refused = 400 if "\0" in value and path != LIST else 302  # by `WellFormedRequestMiddleware`
        assert response.status_code in (200, refused), (value, response.status_code)


@pytest.mark.parametrize(
    "query",
    [
        "datetime__year=9999",
        "datetime__year=9999&datetime__month=12&datetime__day=31",
        "datetime__year=1",
        "datetime__year=0",
        "datetime__year=2026&datetime__month=13",
        "datetime__year=2026&datetime__month=2&datetime__day=30",
        "datetime__month=2",
        "datetime__day=2",
        "datetime__year=2026&datetime__day=2",
        "datetime__year=2026&datetime__year=x",
        "q=" + "+".join("a" * 1 for _ in range(100)),
        "older=1.1&newer=1.1&oldest=1",
        "older=-62135596800000001.1",
        "older=253402300799999999.1",
        "e=1&older=x",
    ],
)
def test_odd_dates_and_places_are_no_error(auditor_client: Client, query: str):
    for path in (LIST, f"{LIST}export/"):
        assert auditor_client.get(f"{path}?{query}", follow=True).status_code == 200


def test_a_search_that_is_too_long_says_so(auditor_client: Client):
    assert "at most 200 characters" in auditor_client.get(LIST, {"q": "x" * 201}).content.decode()


@pytest.mark.parametrize("lookup", ["description__regex", "username__contains", "user__password__startswith", "id__gt"])
def test_lookups_that_the_page_does_not_offer_are_dropped(auditor_client: Client, lookup: str):
    response = auditor_client.get(LIST, {lookup: "1", "to": "active"})
    assert (response.status_code, response["Location"]) == (302, f"{LIST}?to=active")


def test_an_empty_list_keeps_the_way_back_from_its_date(auditor_client: Client):
    day = {"datetime__year": 2020, "datetime__month": 2, "datetime__day": 3}
    dates = auditor_client.get(LIST, day).context["cl"].date_choices
    assert dates.back.link == "?datetime__month=2&datetime__year=2020"


def test_an_empty_list_says_so(auditor_client: Client):
    assert "No records match." in auditor_client.get(LIST, {"q": "nobody"}).content.decode()


def test_a_record_names_the_browser_in_words_and_keeps_what_was_sent(client: Client, db: None):
    client.force_login(make_superuser("root"))
    person = make_user("person")
    sent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"
    url = f"/admin/auth/user/{person.pk}/account/lock/"
    client.post(url, {"own_words": "because"}, headers={"User-Agent": sent})

    record = UserStateAudit.objects.get(transition="lock")
    page = client.get(f"{LIST}{record.pk}/change/").text

    assert "<summary>Chrome on Linux</summary>" in page
    assert sent in page
