"""Changes for a later time are shown, made and cancelled in the admin, each with the operation's own permission."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.models import RefusedTransition
from tests.factories import make_user
from tests.staff import make_staff
from tests.truth import truth
from users.models import ScheduledChange, UserFSM
from users.models.scheduled_change import Outcome
from users.schedule import changes
from users.states import State

pytestmark = pytest.mark.django_db

CHANGES = "admin:user_lifecycle_scheduledchange_changelist"


@pytest.fixture
def person():
    return make_user("person")


def in_days(days):
    return f"{timezone.localtime() + timedelta(days=days):%Y-%m-%dT%H:%M}"


def schedule(client, user, operation="deactivate", **data):
    given = {"operation": operation, "at": in_days(3), "reason": "end of the contract", **data}
    return client.post(f"/admin/auth/user/{user.pk}/scheduled/", given)


def cancel_url(user, change):
    return reverse("admin:auth_user_cancel_schedule", args=[user.pk, change.pk])


def page_of(client, user):
    return client.get(reverse("admin:auth_user_change", args=[user.pk]))


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


@pytest.fixture
def planned(person):
    at = timezone.now() + timedelta(days=3)
    return person.fsm.schedule("deactivate", at=at, by="hr", description="end of the contract")


def test_a_change_is_scheduled_from_the_persons_page_and_made_when_it_is_due(client, admin, person):
    response = schedule(client, person)

    assert response.url == reverse("admin:auth_user_change", args=[person.pk])
    assert said(response) == ["The change is scheduled."]
    change = ScheduledChange.objects.get()
    assert (change.transition, change.scheduled_by, change.description) == (
        "deactivate",
        "admin",
        "end of the contract",
    )
    assert "Scheduled “Deactivate” for" in LogEntry.objects.get().get_change_message()
    with time_machine.travel(timezone.now() + timedelta(days=3, minutes=1)):
        changes.run_due()
    assert truth(person).state == State.DEACTIVATED


def test_a_lock_can_have_an_end(client, admin, person):
    schedule(client, person, "lock", until=in_days(5))

    change = ScheduledChange.objects.get()
    assert change.until == change.at + timedelta(days=2)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"at": ""}, "at"),
        ({"at": "tomorrow"}, "at"),
        ({"at": "2020-01-01T00:00"}, "at"),
        ({"at": "9999-12-31T23:59"}, "at"),
        ({"at": "0001-01-01T00:00"}, "at"),
        ({"until": "2020-01-01T00:00", "operation": "lock"}, "until"),
        ({"until": "9999-12-31T23:59", "operation": "lock"}, "until"),
        ({"until": "never", "operation": "lock"}, "until"),
        ({"operation": ""}, "operation"),
        ({"operation": "made up"}, "operation"),
        ({"operation": "end_sessions"}, "operation"),
        ({"reason": " "}, "reason"),
        ({"reason": "x" * 1001}, "reason"),
        ({"reason": "a\0b"}, "reason"),
    ],
)
def test_values_that_make_no_sense_are_asked_for_again(client, admin, person, given, field):
    response = schedule(client, person, **given)

    assert response.status_code == 200
    assert list(response.context["form"].errors) == [field]
    assert not ScheduledChange.objects.exists()


@pytest.mark.parametrize(("operation", "until"), [("deactivate", 5), ("lock", 2)])
def test_only_a_lock_has_an_end_and_it_comes_later(client, admin, person, operation, until):
    response = schedule(client, person, operation, until=in_days(until))

    assert list(response.context["form"].errors) == ["until"]


def test_administrators_do_not_plan_the_end_of_their_own_account(client, admin):
    assert list(schedule(client, admin).context["form"].errors) == ["operation"]
    offered = page_of(client, admin).context["account"].schedule.form.fields["operation"].choices
    assert {name for name, _ in offered} == {each.name for each in UserFSM.transitions() if each.target == State.ACTIVE}


@pytest.mark.parametrize(
    ("state", "first"), [(State.ACTIVE, "lock"), (State.LOCKED, "unlock"), (State.INVITED, "activate")]
)
def test_what_the_state_allows_now_is_offered_first(client, admin, state, first):
    offered = (
        page_of(client, make_user("ada", state=state)).context["account"].schedule.form.fields["operation"].choices
    )

    assert next(name for name, _ in offered) == first
    assert len(offered) == len({each.name for each in UserFSM.transitions()})


def test_scheduling_needs_the_operations_own_permission_and_the_refusal_is_kept(client, person):
    client.force_login(make_staff("staff", "lock_userfsm", "view_scheduledchange"))

    assert schedule(client, person).status_code == 403
    assert RefusedTransition.objects.filter(transition="deactivate").exists()
    assert schedule(client, person, "lock").status_code == 302


def test_an_administrator_without_permissions_is_offered_nothing(client, person, planned):
    client.force_login(make_staff("staff"))

    account = page_of(client, person).context["account"]
    assert account.schedule.rows == []
    assert "Schedule a change" not in page_of(client, person).content.decode()


def test_scheduling_is_for_who_may_see_people_and_by_post_only(client, admin, person):
    assert client.get(f"/admin/auth/user/{person.pk}/scheduled/").status_code == 405
    assert client.post("/admin/auth/user/999999/scheduled/", {}).status_code == 404
    staff = make_staff("staff", "deactivate_userfsm")
    staff.user_permissions.set(staff.user_permissions.filter(codename="deactivate_userfsm"))
    client.force_login(staff)
    assert schedule(client, person).status_code == 403
    assert schedule(Client(), person).status_code == 302
    assert not ScheduledChange.objects.exists()


def test_the_persons_page_shows_what_is_planned_by_whom_and_why(client, admin, person, planned):
    content = page_of(client, person).content.decode()

    assert "by <bdi>hr</bdi>: end of the contract" in content
    assert cancel_url(person, planned) in content


def test_a_planned_change_is_cancelled_with_a_reason(client, admin, person, planned):
    url = cancel_url(person, planned)
    assert "end of the contract" in client.get(url).content.decode()
    assert client.post(url, {"reason": ""}).context["form"].errors

    response = client.post(url, {"reason": "stays after all"})

    assert said(response) == ["The scheduled change is cancelled."]
    planned.refresh_from_db()
    assert (planned.outcome, planned.settled_by, planned.note) == (Outcome.CANCELLED, "admin", "stays after all")
    assert "Cancelled “Deactivate”, scheduled for" in LogEntry.objects.get().get_change_message()
    assert url not in page_of(client, person).content.decode()


def test_a_settled_change_cannot_be_cancelled(client, admin, person, planned):
    planned.cancel(by="somebody else")

    response = client.post(cancel_url(person, planned), {"reason": "stays after all"})

    assert said(response) == ["It is too late to cancel this: cancelled."]


def test_cancelling_needs_the_operations_own_permission(client, person, planned):
    client.force_login(make_staff("staff", "lock_userfsm", "view_scheduledchange"))

    for response in (
        client.get(cancel_url(person, planned)),
        client.post(cancel_url(person, planned), {"reason": "x"}),
    ):
        assert response.status_code == 403
    planned.refresh_from_db()
    assert planned.outcome == Outcome.PENDING
    assert cancel_url(person, planned) not in page_of(client, person).content.decode()
    assert cancel_url(person, planned) not in client.get(reverse(CHANGES)).content.decode()


def test_a_change_of_another_person_or_of_nobody_is_not_found(client, admin, person, planned):
    assert client.get(cancel_url(make_user("other"), planned)).status_code == 404
    assert client.get(f"/admin/auth/user/{person.pk}/scheduled/{10**30}/").status_code == 404


def test_the_list_has_everybodys_changes_with_links(client, admin, person, planned):
    other = make_user("other")
    other.fsm.schedule("lock", at=timezone.now() + timedelta(days=1), by="hr").cancel(by="hr", description="mistake")

    content = client.get(reverse(CHANGES)).content.decode()
    assert reverse("admin:auth_user_change", args=[person.pk]) in content
    assert cancel_url(person, planned) in content
    assert "mistake" in content
    pending = client.get(f"{reverse(CHANGES)}?outcome=pending").context["cl"].result_list
    assert list(pending) == [planned]


def test_the_list_needs_its_permission_and_changes_nothing(client, admin, person, planned):
    for url in ("add/", f"{planned.pk}/delete/"):
        assert client.post(f"{reverse(CHANGES)}{url}", {"post": "yes"}).status_code == 403
    client.force_login(make_staff("staff"))
    assert client.get(reverse(CHANGES)).status_code == 403
    assert ScheduledChange.objects.get() == planned
