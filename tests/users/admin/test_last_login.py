"""The list of people says when each logged in last, and who is about to become dormant."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_superuser, make_user
from tests.staff import LIST
from users.models import UserFSM
from users.schedule import dormancy

pytestmark = pytest.mark.django_db


def seen_before(days, username, **fields):
    """A person whose last login was this many days ago."""
    return make_user(username, last_login=timezone.now() - timedelta(days=days), **fields)


def shown(client, **query):
    return {user.username for user in client.get(reverse(LIST), query).context["cl"].result_list}


def cell(client, username):
    """What the column of the last login says about this person."""
    page = client.get(reverse(LIST), {"q": username}).content.decode()
    return page.partition('class="field-last_seen')[2].partition("</td>")[0].partition(">")[2]


def test_the_column_says_how_long_ago_with_the_moment_as_a_tooltip(client, admin):
    person = seen_before(3, "person")

    assert ">3\xa0days ago</time>" in cell(client, "person")
    assert person.last_login.isoformat() in cell(client, "person")
    make_user("newcomer")
    assert cell(client, "newcomer") == "never"


def test_the_list_is_sorted_by_it(client, admin):
    for days in (5, 2, 9):
        seen_before(days, f"days{days}")
    columns = client.get(reverse(LIST)).context["cl"].list_display
    place = columns.index("last_seen")

    found = client.get(reverse(LIST), {"o": place, "q": "days"}).context["cl"].result_list

    assert [user.username for user in found] == ["days9", "days5", "days2"]


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (75, ""),
        (78, "dormant in 12 days"),
        (89, "dormant in 1 day"),
        (91, ">dormant<"),
    ],
)
def test_an_account_says_when_it_is_dormant_before_it_is(client, admin, days, said):
    seen_before(days, "person")

    assert ("dormant" in cell(client, "person")) == bool(said)
    assert said in cell(client, "person")


def test_the_settings_say_when(client, admin, settings):
    settings.USERS_DORMANT_AFTER = timedelta(days=30)
    settings.USERS_DORMANT_WARNING = timedelta(days=10)
    seen_before(25, "person")

    assert "dormant in 5 days" in cell(client, "person")
    assert "Dormant within 10 days" in client.get(reverse(LIST)).content.decode()


def test_without_a_login_the_time_counts_from_the_creation_of_the_account(client, admin):
    person = make_user("person")
    User.objects.filter(pk=person.pk).update(date_joined=timezone.now() - timedelta(days=80))

    assert "never" in cell(client, "person")
    assert "dormant in 10 days" in cell(client, "person")


def test_an_account_that_is_exempt_or_not_active_is_never_about_to_be_dormant(client, admin):
    exempt = seen_before(85, "exempt")
    exempt.groups.add(Group.objects.create(name="never-dormant"))
    make_superuser("root", last_login=timezone.now() - timedelta(days=85))
    seen_before(85, "locked").fsm.lock(by="system")

    for username in ("exempt", "root", "locked"):
        assert "dormant" not in cell(client, username)
    assert shown(client, login="dormant") == set()


def test_the_filter_finds_those_whom_the_next_runs_will_warn(client, admin):
    seen_before(80, "soon")
    seen_before(100, "due")
    seen_before(10, "fresh")
    make_user("newcomer")

    assert shown(client, login="dormant") == {"soon", "due"}
    after, warn = timedelta(days=90), timedelta(days=14)
    to_warn = dormancy.to_warn(after, warn, timezone.now())
    assert {fsm.user.username for fsm in to_warn.select_related("user")} == {"soon", "due"}


def test_the_list_is_filtered_by_the_last_login(client, admin):
    for days in (1, 10, 40):
        seen_before(days, f"days{days}")
    make_user("newcomer")
    User.objects.filter(pk=admin.pk).update(last_login=timezone.now() - timedelta(days=1))

    assert shown(client, login="7") == {"admin", "days1"}
    assert shown(client, login="30") == {"admin", "days1", "days10"}
    assert shown(client, login="longer") == {"days40"}
    assert shown(client, login="never") == {"newcomer"}


def test_no_query_is_made_for_each_row_however_many_are_about_to_be_dormant(
    client, admin, django_assert_max_num_queries
):
    for number in range(5):
        seen_before(85, f"person{number}")
    client.get(reverse(LIST))

    with django_assert_max_num_queries(7):
        client.get(reverse(LIST))
    assert UserFSM.objects.count() == 6
