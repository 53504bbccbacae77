"""What the record adds to the list of users and to a person's page."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib import admin as django_admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from audit.admin import RecordedStateUserAdmin, replace_state_user_admin
from audit.administration.timeline import LENGTH
from tests.factories import make_user
from tests.staff import LIST, make_staff
from users.admin import StateUserAdmin, replace_admin

pytestmark = pytest.mark.django_db


def listed(client, **query):
    users = client.get(reverse(LIST), query).context["cl"].result_list
    return {user.username: user for user in users}


def page_of(client, user):
    return client.get(reverse("admin:auth_user_change", args=(user.pk,))).content.decode()


def test_the_list_says_since_when_by_whom_and_why(client, admin):
    person = make_user("person")
    person.fsm.lock(by="support", description="reported stolen")
    locked_at = person.fsm.version and timezone.now()

    user = listed(client)["person"]

    assert (user.state_by, user.state_reason) == ("support", "reported stolen")
    assert abs(user.fsm.changed_at - locked_at) < timedelta(minutes=1)
    assert abs(listed(client)["admin"].fsm.changed_at - admin.date_joined) < timedelta(minutes=1)
    page = client.get(reverse(LIST)).content.decode()
    assert "just now" in page
    assert '<small class="by-whom" title="support">by <bdi>support</bdi></small>' in page


def test_the_list_is_ordered_by_the_last_change(client, admin):
    old, new = make_user("old"), make_user("new")
    old.fsm.lock(by="b")
    with time_machine.travel(timezone.now() + timedelta(seconds=1)):
        new.fsm.lock(by="a")
    columns = RecordedStateUserAdmin(User, django_admin.site).get_list_display(None)  # type: ignore[arg-type]

    by_time = [name for name in listed(client, o=columns.index("since") + 1) if name != "admin"]

    assert by_time == ["old", "new"]


def test_accounts_whose_last_change_is_not_known_come_last_in_both_orders(client, admin, tamper):
    for name in ("unknown", "known"):
        make_user(name)
    tamper(
        "UPDATE user_lifecycle_userfsm SET changed_at = NULL WHERE user_id <> %s",
        [User.objects.get(username="known").pk],
    )
    column = RecordedStateUserAdmin(User, django_admin.site).get_list_display(None).index("since") + 1  # type: ignore[arg-type]

    assert [next(iter(listed(client, o=order))) for order in (column, -column)] == ["known", "known"]
    assert "unknown" in listed(client, since="longer")


def test_the_list_is_filtered_by_how_long_an_account_is_in_its_state(client, admin):
    for days, name in [(0, "today"), (3, "this week"), (20, "this month"), (90, "long ago")]:
        with time_machine.travel(timezone.now() - timedelta(days=days)):
            make_user(name)

    assert set(listed(client, since="1")) == {"today", "admin"}
    assert set(listed(client, since="7")) == {"today", "admin", "this week"}
    assert set(listed(client, since="30")) == {"today", "admin", "this week", "this month"}
    assert set(listed(client, since="longer")) == {"long ago"}


def test_the_page_shows_the_records_and_django_fsm_logs_rows_newest_first(client, admin):
    person = make_user("person")
    person.fsm.lock(by=admin, description="reported stolen")

    page = page_of(client, person)

    assert page.index("by <bdi>admin</bdi>") < page.index("by <bdi>system</bdi>")
    assert "reported stolen" in page
    assert "StateLog (django-fsm-log)" in page
    assert [cell in page for cell in (">Activate</td>", ">Invited</td>", ">Active</td>")] == [True, True, True]


def test_a_long_history_is_cut_and_says_so(client, admin):
    person = make_user("person")
    for _ in range(LENGTH // 2 + 1):
        person.fsm.lock(by="system")
        person.fsm.unlock(by="system")

    page = page_of(client, person)

    assert page.count('<li class="state-') == LENGTH
    assert "Only the latest changes are shown" in page


def test_anyone_without_the_permission_sees_no_records_on_the_page(client):
    person = make_user("person")
    person.fsm.lock(by="system", description="a secret reason")
    client.force_login(make_staff("staff", "lock_userfsm"))

    assert "a secret reason" not in page_of(client, person)


def test_only_djangos_own_admin_is_replaced():
    class Theirs(UserAdmin):  # type: ignore[type-arg]
        pass

    original = django_admin.site.get_model_admin(User)
    try:
        django_admin.site.unregister(User)
        django_admin.site.register(User, Theirs)
        replace_admin(User, UserAdmin, StateUserAdmin)
        replace_state_user_admin()
        assert type(django_admin.site.get_model_admin(User)) is Theirs
    finally:
        django_admin.site.unregister(User)
        django_admin.site.register(User, type(original))
    assert type(original) is RecordedStateUserAdmin
