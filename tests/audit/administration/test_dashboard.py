"""The dashboard: its numbers, the lists behind them, its queries, and who may see it."""

import re
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.administration import figures
from audit.administration.figures import Ranked
from audit.models import UserStateAudit
from tests.factories import make_superuser, make_user
from users import invitations
from users.states import State

DASHBOARD = "/admin/user_audit/dashboard/"
ENTRY = "/admin/user_audit/dashboard/"
NOW = "2026-02-10 12:00Z"


@pytest.fixture
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


def ago(**parts: int) -> time_machine.travel:
    return time_machine.travel(timezone.now() - timedelta(**parts), tick=False)


def guess(username: str, address: str) -> None:
    """Wrong passwords until the account is locked."""
    for _ in range(5):
        Client(REMOTE_ADDR=address).post("/accounts/login/", {"username": username, "password": "wrong"})


@pytest.mark.usefixtures("db", "_now")
def test_people_are_counted_by_the_state_they_are_in():
    for number, state in enumerate((State.INVITED, State.ACTIVE, State.ACTIVE, State.LOCKED)):
        make_user(f"user{number}", state=state)
    assert figures.people() == dict.fromkeys(State, 0) | {"invited": 1, "active": 2, "locked": 1}


@pytest.mark.usefixtures("db", "_now")
def test_changes_are_counted_by_arrow_and_day_for_thirty_days():
    with ago(days=30):
        ada = make_user("ada")
    with ago(days=29, hours=12):
        ada.fsm.lock()
    ada.fsm.unlock()
    make_user("bob", state=State.DEACTIVATED)
    changes = figures.changes()
    assert changes.flow == {("active", "lock"): 1, ("locked", "unlock"): 1, ("invited", "deactivate"): 1}
    days = list(changes.a_day.items())
    assert len(days) == 30
    assert days[0] == (timezone.localdate() - timedelta(days=29), 1)
    assert days[-1] == (timezone.localdate(), 3)
    assert sum(changes.a_day.values()) == 4


@pytest.mark.usefixtures("db", "_now")
def test_days_begin_at_midnight_where_the_administrator_is():
    with ago(hours=13):  # 23:00 of the day before in London, 00:00 of this day in Berlin
        make_user("ada")
    with timezone.override("Europe/Berlin"):
        assert list(figures.changes().a_day.values())[-2:] == [0, 2]
    assert list(figures.changes().a_day.values())[-2:] == [2, 0]


@pytest.mark.usefixtures("db", "_now")
def test_lockouts_are_the_locks_after_failed_logins():
    for name in ("ada", "bob"):
        make_user(name, password="right")
    guess("ada", "192.0.2.1")
    make_user("carol").fsm.lock(description="has had failed logins")
    changes = figures.changes()
    assert changes.flow["active", "lock"] == 2
    assert list(changes.lockouts_a_day.values())[-1] == sum(changes.lockouts_a_day.values()) == 1


@pytest.mark.parametrize(
    "reason", [f"{'9' * 11} failed logins", "2 failed logins, said the person", "２ failed logins"]
)
def test_a_reason_that_looks_like_a_lockout_is_none(auditor_client: Client, reason: str):
    # The number is read out of it: no reason may be an error there.
    make_user("ada").fsm.lock(description=reason)
    assert not UserStateAudit.objects.lockouts().exists()
    assert auditor_client.get(DASHBOARD).status_code == 200


def test_a_change_that_comes_while_it_is_made_or_from_a_faster_clock_is_no_error(auditor_client: Client):
    with time_machine.travel(timezone.now() + timedelta(days=1, hours=1), tick=False):
        make_user("ada", state=State.LOCKED)
    assert auditor_client.get(DASHBOARD).status_code == 200
    assert timezone.localdate() + timedelta(days=1) not in figures.changes().a_day


@pytest.mark.usefixtures("db", "_now")
def test_accounts_are_ranked_by_how_often_they_were_locked():
    ada, bob = make_user("ada"), make_user("bob")
    make_user("carol")
    for fsm in (ada.fsm, bob.fsm, bob.fsm):
        fsm.lock()
        fsm.unlock()
    assert figures.locked_most_often() == [Ranked(bob.pk, "bob", 2), Ranked(ada.pk, "ada", 1)]


@pytest.mark.usefixtures("db", "_now")
def test_addresses_are_ranked_by_the_failed_logins_that_led_to_lockouts(settings):
    for name in ("ada", "bob", "carol"):
        make_user(name, password="right")
    guess("ada", "192.0.2.1")
    guess("bob", "2001:db8::1")
    settings.USERS_LOCKOUT_FAILURE_LIMIT = 2
    guess("carol", "192.0.2.1")
    assert figures.addresses_with_most_failed_logins() == [
        Ranked("192.0.2.1", "192.0.2.1", locks=2, accounts=2, failed_logins=7),
        Ranked("2001:db8::1", "2001:db8::1", locks=1, accounts=1, failed_logins=5),
    ]


@pytest.mark.usefixtures("db", "_now")
def test_invitations_that_nobody_accepted_in_time_are_counted():
    with ago(days=7):
        invitations.invite(email="late@example.com", username="late")
        invitations.accept(token_of(invitations.invite(email="in@example.com", username="in")), "a password")
    invitations.invite(email="new@example.com", username="new")
    make_user("never", state=State.INVITED)
    assert figures.expired_invitations() == 1


def token_of(user) -> str:
    user.fsm.refresh_from_db()
    return invitations.link(user.fsm).rstrip("/").rsplit("/", 1)[-1]


@pytest.mark.usefixtures("_now")
def test_each_number_leads_to_a_list_of_as_many(root_client: Client):
    root_client.force_login(make_superuser("again"))
    with ago(days=10):
        ada, bob = make_user("ada", password="right"), make_user("bob", state=State.DEACTIVATED)
    with ago(days=3):
        guess("ada", "192.0.2.1")
    ada.fsm.unlock()
    bob.fsm.reactivate()
    ada.fsm.lock()
    with ago(days=9):
        invitations.invite(email="late@example.com", username="late")
    page = root_client.get(DASHBOARD).content.decode()
    counted = links_with_numbers(page)
    assert len(counted) > 20
    for link, number in counted:
        shown = root_client.get(link)
        assert shown.status_code == 200
        if "address=" in link:  # failed logins and accounts are not records
            continue
        assert len(shown.context["cl"].result_list) == number, link


def links_with_numbers(page: str) -> list[tuple[str, int]]:
    """The links in the panels with the last number in each one's text, which is how many it counts."""
    panels = page[page.index('class="panels"') :]
    found = []
    for link, content in re.findall(r'<a href="([^"]+)"[^>]*>(.*?)</a>', panels, re.DOTALL):
        text = re.sub(r"<title>|</title>|<[^>]+>", " ", content)
        found.append((unescape(link), int(re.findall(r"\d+", text)[-1])))
    return found


def test_anyone_without_the_permission_to_see_users_gets_numbers_without_links(auditor_client: Client):
    page = auditor_client.get(DASHBOARD)
    assert page.status_code == 200
    assert "/admin/auth/user/?" not in page.content.decode()
    assert "/admin/user_audit/userstateaudit/?" in page.content.decode()


def test_it_takes_the_same_few_queries_for_more_of_everything(auditor_client: Client):
    counts = []
    for more in range(2):
        for number in range(4 + 30 * more):
            make_user(f"user{more}-{number}", state=State.LOCKED)
        with CaptureQueriesContext(connection) as queries:
            auditor_client.get(DASHBOARD)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12


def test_an_empty_project_has_a_dashboard_too(auditor_client: Client):
    page = auditor_client.get(DASHBOARD).content.decode()
    assert "No account was locked in the last 30 days." in page
    assert "No lockouts in the last 30 days." in page


def test_names_are_escaped(auditor_client: Client):
    make_user("<b>ada", state=State.LOCKED)
    page = auditor_client.get(DASHBOARD).content.decode()
    assert "&lt;b&gt;ada" in page
    assert "<b>ada" not in page


def test_the_index_of_the_admin_leads_to_it_for_who_may_see_it(auditor_client: Client):
    assert ENTRY in auditor_client.get("/admin/").content.decode()
    staff = make_user("staff", is_staff=True)
    auditor_client.force_login(staff)
    assert ENTRY not in auditor_client.get("/admin/").content.decode()
    assert auditor_client.get(DASHBOARD).status_code == 403
    staff.user_permissions.add(Permission.objects.get(codename="view_userstateaudit"))
    assert auditor_client.get(DASHBOARD).status_code == 200


def test_it_takes_no_post(auditor_client: Client):
    assert auditor_client.post(DASHBOARD).status_code == 405


@pytest.mark.parametrize("query", ["?days=x", "?days=" + "9" * 10_000])
def test_it_drops_parameters_and_names_them(auditor_client: Client, query: str):
    page = auditor_client.get(DASHBOARD + query, follow=True)

    assert (page.status_code, page.redirect_chain) == (200, [(DASHBOARD, 302)])
    assert "“days” was left out" in page.text


def test_its_earlier_address_leads_to_the_entry_in_the_sidebar(auditor_client):
    answer = auditor_client.get("/admin/user_audit/userstateaudit/dashboard/?days=30")

    assert (answer.status_code, answer.url) == (302, f"{DASHBOARD}?days=30")
    assert 'class="model-dashboard current-model"' in auditor_client.get(DASHBOARD).text
