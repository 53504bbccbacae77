"""People, invitations and schedules over HTTP."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.utils import timezone

from audit.models import RefusedTransition, SchedulingNote
from tests.api import Machine
from tests.factories import make_superuser, make_user
from tests.truth import truth
from users.models import LoginSession, Mail, ScheduledChange, UserFSM
from users.states import State

pytestmark = pytest.mark.django_db

VIEW, LOCK, UNLOCK = "user_lifecycle.view_userfsm", "user_lifecycle.lock_userfsm", "user_lifecycle.unlock_userfsm"
INVITE, DEACTIVATE = "user_lifecycle.invite_userfsm", "user_lifecycle.deactivate_userfsm"
TOMORROW = (timezone.now() + timedelta(days=1)).isoformat()


def test_a_person_is_described_with_since_when_why_and_what_may_be_done_now():
    person = make_user("ada", email="ada@example.com")
    person.fsm.lock(by="grace", description="reported stolen")

    response = Machine(VIEW, UNLOCK).get(f"/users/{person.pk}")

    record = response.json()
    assert response.headers["ETag"] == '"2"'
    assert record.pop("since")
    assert record == {
        "id": str(person.pk),
        "username": "ada",
        "email": "ada@example.com",
        "state": "locked",
        "version": 2,
        "locked_until": None,
        "cause": "request",
        "reason": "reported stolen",
        "operations": ["unlock"],
    }


def test_an_operation_that_a_rule_forbids_is_not_offered():
    machine = Machine(VIEW, LOCK)

    assert machine.get(f"/users/{machine.user.pk}").json()["operations"] == []
    assert machine.get(f"/users/{make_superuser().pk}").json()["operations"] == []
    assert machine.get(f"/users/{make_user('person').pk}").json()["operations"] == ["lock"]


@pytest.mark.parametrize("path", ["/nowhere", "/users/1/nowhere", "/many/nowhere", "/records/1"])
def test_a_path_that_the_api_does_not_have_is_a_problem_too(path, client):
    machine = Machine(VIEW)

    for answer in (machine.get(path), machine.post(path, {})):
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
        assert answer.json()["status"] == 404

    assert client.get(f"/api/v1{path}").status_code == 401


def test_nobody_sees_people_without_the_permission():
    machine = Machine(LOCK)

    assert machine.get("/users").status_code == 403
    assert machine.get(f"/users/{machine.user.pk}").status_code == 403


def test_a_user_without_a_row_gets_one_when_asked_for():
    user = User.objects.bulk_create([User(username="raw", is_active=True)])[0]

    assert Machine(VIEW).get(f"/users/{user.pk}").json()["state"] == UserFSM.objects.get(user=user).current_state


def test_pages_of_people_show_everybody_once():
    machine = Machine(VIEW)
    people = [make_user(f"person{number}") for number in range(5)]

    seen, path = [], "/users?limit=2"
    while path:
        response = machine.get(path)
        seen += [each["username"] for each in response.json()["results"]]
        following = response.json()["next"]
        assert (following is None) == ("Link" not in response.headers)
        path = following and following.removeprefix("http://testserver/api/v1")

    assert seen == ["helpdesk", *(person.username for person in people)]


def test_people_are_found_by_state_name_and_address():
    machine = Machine(VIEW)
    make_user("ada", email="ada@example.com").fsm.lock(by="system")
    make_user("bob")

    for query in ("state=locked", "username=ada", "email=ada@example.com"):
        assert [each["username"] for each in machine.get(f"/users?{query}").json()["results"]] == ["ada"]


@pytest.mark.parametrize(
    "query",
    ["state=x", "limit=0", "limit=501", "limit=x", "cursor=x", "cursor=-1", "limit=1e2", "stat=locked", "q=ada"],
)
def test_a_query_that_makes_no_sense_is_refused_by_parameter(query):
    response = Machine(VIEW).get(f"/users?{query}")

    assert (response.status_code, list(response.json()["errors"])) == (400, [query.split("=")[0]])


# Invitations


def test_a_machine_invites_and_the_account_can_have_an_end():
    machine = Machine(INVITE)

    response = machine.post("/invitations", {"email": "ada@example.com", "username": "ada", "ends_at": TOMORROW})

    assert response.status_code == 201
    assert response.json()["state"] == "invited"
    ada = User.objects.get(username="ada")
    assert Mail.objects.get().user_id == ada.pk
    assert (ScheduledChange.objects.get().user_id, ScheduledChange.objects.get().scheduled_by) == (ada.pk, "helpdesk")


@pytest.mark.parametrize(
    "body",
    [
        {"email": "x", "username": "bob"},
        {"email": "new@example.com", "username": "ada"},
        {"email": "ada@example.com", "username": "new"},
        {"email": "new@example.com", "username": "a b"},
        {"email": "new@example.com", "username": "new", "ends_at": "2001-01-01T00:00:00Z"},
    ],
)
def test_an_invitation_of_nobody_is_refused_by_field(body):
    make_user("ada", email="ada@example.com")

    response = Machine(INVITE).post("/invitations", body)

    assert (response.status_code, len(response.json()["errors"])) == (400, 1)
    assert User.objects.count() == 2


def test_an_invitation_is_sent_once_for_one_key():
    machine = Machine(INVITE)

    for _ in range(2):
        machine.post("/invitations", {"email": "a@example.com", "username": "a"}, Idempotency_Key="1")

    assert Mail.objects.count() == 1


def test_an_invitation_is_sent_again(django_capture_on_commit_callbacks):
    machine = Machine(INVITE)
    person = make_user("ada", state=State.INVITED, email="ada@example.com")

    assert machine.post(f"/users/{person.pk}/resend-invitation", {"description": "lost"}).status_code == 200
    assert "lost" in LogEntry.objects.get().change_message
    problem = machine.post(f"/users/{machine.user.pk}/resend-invitation", {"description": "lost"})
    assert (problem.status_code, problem.json()["state"]) == (409, "active")


def test_sessions_are_ended(client):
    person = make_user()
    client.force_login(person)
    client.get("/accounts/")
    machine = Machine("user_lifecycle.delete_loginsession")

    body = {"description": "lost phone", "on_behalf_of": "grace"}
    assert machine.post(f"/users/{person.pk}/end-sessions", body).status_code == 200
    assert not LoginSession.objects.exists()
    assert "lost phone (on behalf of grace)" in LogEntry.objects.get().change_message
    assert machine.post(f"/users/{person.pk}/end-sessions", body).status_code == 409


# Schedules


def plan(machine, user, **words):
    body = {"operation": "deactivate", "at": TOMORROW, "description": "end of the contract", **words}
    return machine.post(f"/users/{user.pk}/schedule", body)


def test_a_machine_schedules_lists_and_cancels():
    machine, person = Machine(DEACTIVATE, VIEW), make_user()

    planned = plan(machine, person)
    assert planned.status_code == 201
    assert (planned.json()["scheduled_by"], planned.json()["outcome"]) == ("helpdesk", "pending")
    assert ScheduledChange.objects.get().scheduled_by_kind == "machine"
    assert machine.get(f"/users/{person.pk}/schedule").json()["results"] == [planned.json()]

    path = f"/users/{person.pk}/schedule/{planned.json()['id']}/cancel"
    assert machine.post(path, {"description": "stays"}).json()["outcome"] == "cancelled"
    assert machine.post(path, {"description": "stays"}).status_code == 409
    assert [entry.user_id for entry in LogEntry.objects.all()] == [machine.user.pk] * 2
    assert truth(person).version == 1


def test_nobody_schedules_or_cancels_without_the_permission_of_the_transition():
    person = make_user()
    change = person.fsm.schedule("deactivate", at=timezone.now() + timedelta(days=1))
    machine = Machine(VIEW, LOCK)

    assert plan(machine, person).status_code == 403
    cancelled = machine.post(f"/users/{person.pk}/schedule/{change.pk}/cancel", {"description": "x"})
    assert cancelled.status_code == 403
    assert list(person.fsm.scheduled_changes) == [change]
    refusals = RefusedTransition.objects.values_list("username", "transition", "reason", "initiated_by")
    assert list(refusals) == [(person.username, "deactivate", "permission", "helpdesk")] * 2


def test_for_whom_a_service_account_schedules_stands_in_the_record():
    machine, person = Machine(DEACTIVATE), make_user()

    planned = plan(machine, person, on_behalf_of="grace")
    cancelled = {"description": "stays", "on_behalf_of": "alan"}
    machine.post(f"/users/{person.pk}/schedule/{planned.json()['id']}/cancel", cancelled)

    details = SchedulingNote.objects.order_by("pk").values_list("what", "details__on_behalf_of", "details__token")
    assert list(details) == [("scheduled", "grace", "Helpdesk"), ("cancelled", "alan", "Helpdesk")]
    assert set(SchedulingNote.objects.values_list("actor_kind", flat=True)) == {"machine"}


def test_nobody_schedules_the_end_of_their_own_account():
    machine = Machine(DEACTIVATE)

    assert plan(machine, machine.user).status_code == 403
    assert not ScheduledChange.objects.exists()


@pytest.mark.parametrize(
    "words",
    [
        {"operation": "x"},
        {"operation": "end-sessions"},
        {"at": "2001-01-01T00:00:00Z"},
        {"at": "x"},
        {"until": TOMORROW},
        {"at": "2200-01-01T00:00:00Z"},
        {"at": "9999-12-31T23:59:59Z"},
        {"operation": "lock", "until": "9999-12-31T23:59:59Z"},
    ],
)
def test_a_schedule_that_makes_no_sense_is_refused(words):
    assert plan(Machine(DEACTIVATE, LOCK), make_user(), **words).status_code == 400
    assert not ScheduledChange.objects.exists()


def test_a_schedule_of_somebody_else_is_not_found():
    machine, person = Machine(DEACTIVATE), make_user()
    change = make_user("other").fsm.schedule("deactivate", at=timezone.now() + timedelta(days=1))

    for number in (change.pk, 0, "x", "9" * 30):
        assert machine.post(f"/users/{person.pk}/schedule/{number}/cancel", {"description": "x"}).status_code == 404
