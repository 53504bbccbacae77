"""The list of users shows who is in which state, and finds them by it."""

from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localtime

from tests.factories import make_user
from tests.staff import LIST, make_staff
from users.conf import conf
from users.models import UserFSM
from users.states import State

pytestmark = pytest.mark.django_db


@pytest.fixture
def one_in_each_state():
    return [make_user(state.value, state=state, email=f"{state.value}@example.com") for state in State]


def shown(client, **query):
    response = client.get(reverse(LIST), query)
    assert response.status_code == 200
    return {user.username for user in response.context["cl"].result_list}


def test_each_state_is_a_badge_with_its_text(client, admin, one_in_each_state):
    page = client.get(reverse(LIST)).content.decode()

    for state in State:
        assert f'<span class="state-badge state-{state.value}">{state.label}</span>' in page


def test_the_end_of_a_lock_is_shown(client, admin):
    make_user("for_a_while").fsm.lock(by="system", until=timezone.now() + timedelta(minutes=30))
    make_user("ended").fsm.lock(by="system", until=timezone.now() - timedelta(minutes=30))

    page = client.get(reverse(LIST)).content.decode()

    assert ">29\xa0minutes left</small>" in page
    assert ">expires at the next login</small>" in page


def test_no_query_is_made_for_each_row(client, admin):
    def queries():
        with CaptureQueriesContext(
            connection,
        ) as captured:
            client.get(reverse(LIST))
        return len(captured)

    make_user("first")
    queries()  # fills the caches of content types
    few = queries()
    for number in range(30):
        make_user(f"person{number}")

    assert queries() == few


def test_users_without_a_row_are_given_theirs_together(client, admin):
    User.objects.bulk_create(User(username=f"imported{number}") for number in range(5))

    assert len(shown(client, q="imported")) == 5
    assert UserFSM.objects.filter(user__username__startswith="imported").count() == 5


@pytest.mark.parametrize("state", State)
def test_the_list_is_filtered_by_state(client, admin, one_in_each_state, state):
    assert shown(client, state=state.value) - {"admin"} == {state.value}


def test_the_list_is_filtered_by_who_locked(client, admin, one_in_each_state):
    guessed = make_user("guessed", password="right")
    for _ in range(conf.lockout_failure_limit):
        authenticate(username=guessed.username, password="wrong")

    assert shown(client, lock="automatic") == {"guessed"}
    assert shown(client, lock="manual") == {"locked"}


def test_people_are_found_by_name_and_mail(client, admin, one_in_each_state):
    assert shown(client, q="deactivated@example") == {"deactivated"}
    assert shown(client, q="invit") == {"invited"}


def test_the_way_back_to_the_whole_list_is_offered_where_it_is_not_shown(client, admin, one_in_each_state):
    assert "Show all" not in client.get(reverse(LIST)).text
    assert "Show all" in client.get(reverse(LIST), {"q": "invit"}).text
    assert "Show all" in client.get(reverse(LIST), {"state": "locked"}).text


@pytest.mark.parametrize("query", [{"state": "x\0"}, {"q": "\0"}, {"username": "\0"}, {"\0": "x"}, {"o": "9" * 99}])
def test_odd_queries_are_no_error_of_the_server(client, admin, query):
    assert client.get(reverse(LIST), query).status_code in {200, 302, 400}


def test_is_active_is_shown_and_cannot_be_edited(client, admin):
    person = make_user("person")
    url = reverse("admin:auth_user_change", args=(person.pk,))
    form = client.get(url).context["adminform"].form

    assert "is_active" not in form.fields
    assert "is_active" in client.get(url).context["adminform"].readonly_fields
    data = {name: field.initial or "" for name, field in form.fields.items() if name not in {"password", "is_staff"}}
    data |= {
        "username": "renamed",
        "date_joined_0": "2026-01-01",
        "date_joined_1": "10:00",
        "is_active": "",
        "current_state": "locked",
    }
    data = {
        name: value
        for name, value in data.items()
        if name not in {"is_superuser", "groups", "user_permissions", "date_joined", "last_login"}
    }
    client.post(url, data)

    person = User.objects.select_related("fsm").get(pk=person.pk)
    assert (person.username, person.is_active, person.fsm.current_state) == ("renamed", True, State.ACTIVE)


def test_a_user_added_in_the_admin_is_invited(client, admin):
    url = reverse("admin:auth_user_add")
    assert "is_active" not in client.get(url).context["adminform"].form.fields

    password = "correct horse battery staple"
    client.post(url, {"username": "new", "usable_password": "true", "password1": password, "password2": password})

    assert User.objects.get(username="new").fsm.current_state == State.INVITED


def test_the_state_itself_has_no_page_to_edit(client, admin):
    from django.contrib import admin as django_admin

    assert not django_admin.site.is_registered(UserFSM)


def test_an_administrator_who_may_only_look_sees_states_and_no_actions(client, one_in_each_state):
    staff = make_staff("staff")
    client.force_login(staff)

    response = client.get(reverse(LIST))

    assert 'class="state-badge state-locked"' in response.content.decode()
    assert response.context["action_form"] is None


def test_the_page_of_a_locked_person_says_why_until_when_how_many_tries_and_from_where(client, admin):
    person = make_user("person", password="right")
    for _ in range(conf.lockout_failure_limit):
        Client(REMOTE_ADDR="192.0.2.7").post("/accounts/login/", {"username": "person", "password": "wrong"})
    fsm = UserFSM.objects.get(user=person)

    page = client.get(reverse("admin:auth_user_change", args=(person.pk,))).text

    account = " ".join(page[page.index('class="account-now"') : page.index('class="offers"')].split())
    assert "After failed logins · locked until" in account
    assert f'<time datetime="{localtime(fsm.locked_until).isoformat()}">' in account
    assert "5 failed logins" in account
    assert "from 192.0.2.7" in account


def test_a_search_that_is_too_long_for_a_database_is_refused(client, admin, one_in_each_state):
    response = client.get(reverse(LIST), {"q": "a " * 1000})

    assert response.status_code == 200
    assert "Search: at most 200 characters; yours has 2000." in response.text


def test_a_search_that_is_refused_finds_nobody_whom_an_action_on_all_could_mean(client, admin, one_in_each_state):
    assert list(client.get(reverse(LIST), {"q": "a " * 1000}).context["cl"].queryset) == []


@pytest.mark.parametrize("lookup", ["email__regex", "email__iregex"])
def test_a_regular_expression_of_ones_own_is_dropped(client, admin, lookup):
    response = client.get(reverse(LIST), {lookup: "(", "q": "admin"})

    assert (response.status_code, response["Location"]) == (302, "/admin/auth/user/?q=admin")


def test_other_lookups_of_django_go_on_as_before(client, admin, one_in_each_state):
    assert shown(client, email__startswith="locked@") == {"locked"}
    assert shown(client, date_joined__year=str(timezone.now().year)) >= {state.value for state in State}
