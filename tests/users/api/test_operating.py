"""What the API changes: permissions, protections, reasons, counts and evidence are those of the administration."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from audit.models import RefusedTransition, UserStateAudit
from tests.api import Machine
from tests.factories import make_superuser, make_user
from tests.truth import assert_true_record, truth
from users import operations
from users.api.accounts import path_name
from users.models import UserFSM
from users.operations import superusers
from users.states import State

pytestmark = pytest.mark.django_db

LOCK, UNLOCK, VIEW = "user_lifecycle.lock_userfsm", "user_lifecycle.unlock_userfsm", "user_lifecycle.view_userfsm"
WHY = {"description": "reported stolen"}
TRANSITIONS = sorted({each.name for each in UserFSM.transitions()})


@pytest.fixture
def person():
    return make_user("person")


def test_somebody_who_is_deleted_in_the_middle_is_nobody(person, monkeypatch):
    def is_protected(fsm):
        User.objects.filter(pk=fsm.user_id).delete()
        return False

    monkeypatch.setattr(superusers, "is_protected", is_protected)

    assert Machine(LOCK).post(f"/users/{person.pk}/lock", WHY).status_code == 404
    assert UserStateAudit.objects.of(person).values_list("transition", flat=True).last() == "delete"


def last_record(user):
    return UserStateAudit.objects.of(user).last()


@pytest.mark.parametrize("name", TRANSITIONS)
def test_each_transition_has_an_endpoint(name):
    machine = Machine(f"user_lifecycle.{name}_userfsm")
    source = min(UserFSM.sources_of(name))
    person = make_user("person", state=State(source))

    response = machine.post(f"/users/{person.pk}/{name}", WHY)

    assert response.status_code == 200
    assert response.json()["state"] == UserFSM.target_of(name) == truth(person).state
    assert_true_record(person)


@pytest.mark.parametrize("operation", operations.ALL.values(), ids=lambda each: each.name)
def test_nobody_does_without_the_permission_and_the_attempt_is_kept(operation, person):
    response = Machine(VIEW).post(f"/users/{person.pk}/{path_name(operation)}", WHY)

    assert response.status_code == 403
    assert response.headers["Content-Type"] == "application/problem+json"
    assert truth(person).version == 1
    refusal = RefusedTransition.objects.get()
    assert (refusal.user_id, refusal.transition, refusal.reason) == (person.pk, operation.name, "permission")
    assert (refusal.initiated_by, refusal.actor_kind) == ("helpdesk", "machine")


@pytest.mark.parametrize("operation", operations.ALL.values(), ids=lambda each: each.name)
def test_nobody_does_it_to_many_without_the_permission(operation, person):
    response = Machine(VIEW).post(f"/many/{path_name(operation)}", WHY | {"users": [person.pk]})

    assert response.status_code == 403
    assert truth(person).version == 1


def test_the_record_says_which_machine_acted_why_and_for_whom(person):
    machine = Machine(LOCK)

    machine.post(f"/users/{person.pk}/lock", WHY | {"on_behalf_of": "grace"})

    record = last_record(person)
    assert (record.initiated_by, record.actor_id, record.actor_kind) == ("helpdesk", machine.user.pk, "machine")
    assert (record.cause, record.description) == ("request", "reported stolen")
    assert record.details == {"on_behalf_of": "grace", "token": "Helpdesk"}
    assert record.ip_address == "127.0.0.1"


def test_a_person_with_a_session_acts_as_a_user(client, person):
    root = make_superuser()
    client.force_login(root)

    client.post(f"/api/v1/users/{person.pk}/lock", WHY, content_type="application/json")

    record = last_record(person)
    assert (record.initiated_by, record.actor_kind, record.details) == ("root", "user", {})


def test_a_session_needs_the_csrf_token(person):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(make_superuser())

    response = client.post(f"/api/v1/users/{person.pk}/lock", WHY, content_type="application/json")

    assert response.status_code == 403
    assert truth(person).state == State.ACTIVE


def test_a_lock_can_have_an_end(person):
    Machine(LOCK).post(f"/users/{person.pk}/lock", WHY | {"until": "2090-01-01T00:00:00Z"})

    assert str(UserFSM.objects.get(user=person).locked_until).startswith("2090")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "description"),
        ({"description": " "}, "description"),
        ({"description": "x" * 1001}, "description"),
        ({"description": "\x00"}, "description"),
        ({"description": "ok", "until": "2001-01-01T00:00:00Z"}, "until"),
        ({"description": "ok", "until": "soon"}, "until"),
    ],
)
def test_values_that_make_no_sense_are_refused_by_field(body, field, person):
    response = Machine(LOCK).post(f"/users/{person.pk}/lock", body)

    assert response.status_code == 400
    assert list(response.json()["errors"]) == [field]
    assert truth(person).version == 1


@pytest.mark.parametrize("body", ["[]", "{", '"x"', "null", "\ufffd", '{"description": "\\ud800"}'])
def test_a_body_that_is_no_object_is_refused(body, person):
    response = Machine(LOCK).post(f"/users/{person.pk}/lock", body)

    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"


def test_a_parameter_that_an_operation_does_not_have_is_refused(person):
    answer = Machine(LOCK).post(f"/users/{person.pk}/lock?until=2090-01-01", WHY)

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["until"])
    assert truth(person).state == State.ACTIVE


@pytest.mark.parametrize("key", ["0", "999999", "99999999999999999999", "x", "-1", "1.5", "٣"])
def test_nobody_is_found_by_a_key_of_nobody(key):
    machine = Machine(LOCK, VIEW)

    assert machine.post(f"/users/{key}/lock", WHY).status_code == 404
    assert machine.get(f"/users/{key}").status_code == 404


def test_the_state_in_the_way_is_said_and_the_refusal_kept(person):
    person.fsm.lock(by="system")

    response = Machine(LOCK).post(f"/users/{person.pk}/lock", WHY)

    assert response.status_code == 409
    problem = response.json()
    assert (problem["status"], problem["state"], problem["operation"]) == (409, "locked", "lock")
    assert problem["type"] == "urn:user-lifecycle:problem:wrong-state"
    assert problem["detail"] == "already locked"
    assert RefusedTransition.objects.get().reason == "state"


@pytest.mark.parametrize("name", ["lock", "deactivate"])
def test_a_machine_does_not_close_its_own_account(name):
    machine = Machine(f"user_lifecycle.{name}_userfsm")

    response = machine.post(f"/users/{machine.user.pk}/{name}", WHY)

    assert (response.status_code, response.json()["detail"]) == (403, "yourself")
    assert truth(machine.user).state == State.ACTIVE
    assert RefusedTransition.objects.get().reason == "protected"


@pytest.mark.parametrize("name", ["lock", "deactivate"])
def test_a_superuser_is_protected_from_others(name):
    root, other = make_superuser(), make_superuser("other")
    machine = Machine(f"user_lifecycle.{name}_userfsm")

    for superuser in (root, other):
        assert machine.post(f"/users/{superuser.pk}/{name}", WHY).status_code == 403
        assert truth(superuser).state == State.ACTIVE


def test_the_last_active_superuser_stays():
    machine = Machine(LOCK, user=make_superuser("robot"))
    root = make_superuser()
    root.fsm.lock(by="system")
    other = make_superuser("other")

    assert machine.post(f"/users/{other.pk}/lock", WHY).status_code == 200
    assert machine.post(f"/users/{machine.user.pk}/lock", WHY).status_code == 403


def test_many_are_changed_and_those_left_are_named_with_the_reason():
    machine = Machine(LOCK)
    people = [make_user(f"person{number}") for number in range(3)]
    people[0].fsm.lock(by="system")
    body = WHY | {"users": [person.pk for person in people] + [machine.user.pk, 999999, "x"]}

    tried = machine.post("/many/lock", body | {"dry_run": True}).json()
    assert [truth(person).version for person in people] == [2, 1, 1]
    done = machine.post("/many/lock", body).json()

    assert tried == done | {"dry_run": True}
    assert done["changed"] == 2
    assert {(each["reason"], each["count"]) for each in done["left"]} == {
        ("already locked", 1),
        ("yourself", 1),
        ("no such account", 2),
    }
    assert {(each["id"], each["reason"]) for each in done["left_accounts"]} == {
        (str(people[0].pk), "already locked"),
        (str(machine.user.pk), "yourself"),
        ("999999", "no such account"),
        ("x", "no such account"),
    }
    assert [truth(person).state for person in people] == [State.LOCKED] * 3


def test_a_change_is_made_only_to_the_version_that_was_seen(person):
    machine = Machine(LOCK, UNLOCK, VIEW)
    etag = machine.get(f"/users/{person.pk}").headers["ETag"]
    machine.post(f"/users/{person.pk}/lock", WHY)

    late = machine.post(f"/users/{person.pk}/unlock", WHY, If_Match=etag)
    assert (late.status_code, late.json()["version"]) == (412, 2)
    assert truth(person).state == State.LOCKED
    assert_true_record(person)

    assert machine.post(f"/users/{person.pk}/unlock", WHY, If_Match='"2"').headers["ETag"] == '"3"'


@pytest.mark.parametrize("etag", ["*", '"1"', 'W/"1"', '"7", "1"', 'W/"7",W/"1"', '"x", "1"'])
def test_an_if_match_names_the_version_alone_or_among_others(etag, person):
    assert Machine(LOCK).post(f"/users/{person.pk}/lock", WHY, If_Match=etag).headers["ETag"] == '"2"'


@pytest.mark.parametrize("etag", ['"x"', '"7", "8"', "", '"-1"', '"99999999999999999999999"', "\u0663"])
def test_an_if_match_that_names_no_version_matches_none(etag, person):
    assert Machine(LOCK).post(f"/users/{person.pk}/lock", WHY, If_Match=etag).status_code == 412
    assert truth(person).version == 1


def test_the_same_key_does_it_once(person):
    machine = Machine(LOCK)

    first = machine.post(f"/users/{person.pk}/lock", WHY, Idempotency_Key="a key")
    second = machine.post(f"/users/{person.pk}/lock", WHY, Idempotency_Key="a key")

    assert (first.status_code, second.status_code) == (200, 200)
    assert (first.json(), first.headers["ETag"]) == (second.json(), second.headers["ETag"])
    assert second.headers["Idempotency-Replayed"] == "true"
    assert truth(person).version == 2


def test_the_key_of_another_request_is_refused(person):
    machine = Machine(LOCK)
    machine.post(f"/users/{person.pk}/lock", WHY, Idempotency_Key="a key")

    response = machine.post(f"/users/{person.pk}/lock", {"description": "other"}, Idempotency_Key="a key")

    assert response.status_code == 422


def test_a_key_whose_request_failed_can_be_used_again(person):
    machine = Machine(LOCK)
    person.fsm.lock(by="system")
    assert machine.post(f"/users/{person.pk}/lock", WHY, Idempotency_Key="a key").status_code == 409
    person.fsm.unlock(by="system")

    assert machine.post(f"/users/{person.pk}/lock", WHY, Idempotency_Key="a key").status_code == 200


def test_a_key_whose_request_was_never_answered_is_free_again_after_a_while(person):
    from users.api.models import RememberedAnswer

    machine = Machine(LOCK)
    machine.post(f"/users/{person.pk}/lock", WHY, Idempotency_Key="a key")
    RememberedAnswer.objects.update(status=None)
    person.fsm.unlock(by="system")

    assert machine.post(f"/users/{person.pk}/lock", WHY, Idempotency_Key="a key").status_code == 409
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert machine.post(f"/users/{person.pk}/lock", WHY, Idempotency_Key="a key").status_code == 200


def test_answers_are_forgotten_after_a_day(person):
    machine = Machine(LOCK)
    machine.post(f"/users/{person.pk}/lock", WHY, Idempotency_Key="a key")
    person.fsm.unlock(by="system")

    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        again = machine.post(f"/users/{person.pk}/lock", WHY, Idempotency_Key="a key")

    assert (again.status_code, again.json()["version"]) == (200, 4)


@pytest.mark.parametrize("key", ["", "x" * 256, "\u0663"])
def test_a_key_that_is_none_is_refused(key, person):
    assert Machine(LOCK).post(f"/users/{person.pk}/lock", WHY, Idempotency_Key=key).status_code == 400


def test_somebody_who_asks_too_often_is_told_when_to_ask_again(settings, person):
    from django.core.cache import cache

    cache.clear()
    settings.USERS_API_RATE = "2/minute"
    machine = Machine(VIEW)

    answers = [machine.get(f"/users/{person.pk}") for _ in range(3)]
    cache.clear()

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 0 < int(answers[2].headers["Retry-After"]) <= 60
    assert answers[2].headers["Content-Type"] == "application/problem+json"


@pytest.fixture
def atomic_requests(transactional_db):
    """As cookiecutter-django has it; Django REST framework then rolls back whatever it answers with an error."""
    connection.settings_dict["ATOMIC_REQUESTS"] = True
    yield
    connection.settings_dict["ATOMIC_REQUESTS"] = False


def test_everything_holds_where_each_request_is_a_transaction(atomic_requests):
    machine, person = Machine(LOCK), make_user("person")

    done = [machine.post(f"/users/{person.pk}/lock", WHY, Idempotency_Key="a key").status_code for _ in range(2)]
    refused = machine.post(f"/users/{person.pk}/lock", WHY, Idempotency_Key="another key")
    not_permitted = machine.post(f"/users/{person.pk}/unlock", WHY)

    assert (done, refused.status_code, not_permitted.status_code) == ([200, 200], 409, 403)
    assert assert_true_record(person).version == 2
    assert sorted(RefusedTransition.objects.values_list("reason", flat=True)) == ["permission", "state"]


def test_a_transition_that_a_request_undoes_leaves_nothing(atomic_requests):
    machine, person = Machine(LOCK), make_user("person")

    assert machine.post(f"/users/{person.pk}/lock", WHY, If_Match='"7"').status_code == 412
    assert assert_true_record(person).version == 1


@pytest.mark.parametrize("name", ["lock", "deactivate"])
def test_among_many_superusers_stay_for_others_and_the_last_one_for_all(name):
    permission = f"user_lifecycle.{name}_userfsm"
    robot, root, person = make_superuser("robot"), make_superuser(), make_user("person")
    body = WHY | {"users": [root.pk, person.pk]}

    helpdesk = Machine(permission)
    tried = helpdesk.post(f"/many/{name}", body | {"dry_run": True}).json()
    done = helpdesk.post(f"/many/{name}", body).json()
    assert tried == done | {"dry_run": True}
    assert (done["changed"], [each["id"] for each in done["left_accounts"]]) == (1, [str(root.pk)])
    assert truth(root).state == State.ACTIVE

    done = Machine(permission, user=robot).post(f"/many/{name}", WHY | {"users": [root.pk, robot.pk]}).json()
    assert (done["changed"], [each["id"] for each in done["left_accounts"]]) == (1, [str(robot.pk)])
    assert truth(robot).state == State.ACTIVE


def test_a_lock_that_would_end_is_made_one_without_end_by_two_records(person):
    person.fsm.lock(by="system", until=timezone.now() + timedelta(hours=1))

    kept = Machine(LOCK, UNLOCK).post(f"/users/{person.pk}/keep-locked", WHY)

    assert (kept.status_code, kept.json()["locked_until"], kept.json()["version"]) == (200, None, 4)
    assert assert_true_record(person).state == State.LOCKED
    again = Machine(LOCK, UNLOCK, user=make_superuser()).post(f"/users/{person.pk}/keep-locked", WHY)
    assert again.status_code == 409


def test_the_records_of_many_carry_one_key():
    people = [make_user(f"person{number}") for number in range(3)]

    Machine(LOCK).post("/many/lock", WHY | {"users": [person.pk for person in people]})

    records = UserStateAudit.objects.filter(transition="lock")
    assert records.count() == 3
    assert records.values("request_id").distinct().count() == 1
    assert set(records.values_list("description", "actor_kind")) == {("reported stolen", "machine")}


def test_without_a_reason_nothing_is_done_to_many(person):
    for body in ({}, {"description": " "}, {"description": "x" * 1001}):
        assert (
            Machine(LOCK, user=make_superuser(f"robot{len(str(body))}"))
            .post("/many/lock", body | {"users": [person.pk]})
            .status_code
            == 400
        )
    assert truth(person).version == 1


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete", "head"])
def test_an_operation_is_only_ever_posted(method, person):
    machine = Machine(LOCK)

    for path in (f"/users/{person.pk}/lock", "/many/lock"):
        assert machine.send(method, path).status_code == 405
    assert truth(person).version == 1


@pytest.mark.parametrize("spelt", ["+{}", "0{}", "%20{}", "{}%20"])
def test_a_person_has_one_address(person, spelt):
    machine = Machine(LOCK, VIEW)

    assert machine.get(f"/users/{spelt.format(person.pk)}").status_code == 404
    assert machine.post(f"/users/{spelt.format(person.pk)}/lock", WHY).status_code == 404


@pytest.mark.parametrize("until", ["9999-12-31T23:59:59Z", "2199-12-31T23:59:59-23:00"])
def test_a_time_that_nobody_can_mean_is_refused(person, until):
    machine = Machine(LOCK)
    body = {**WHY, "until": until}

    for answer in (
        machine.post(f"/users/{person.pk}/lock", body),
        machine.post("/many/lock", {**body, "users": [str(person.pk)]}),
    ):
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["until"])
    assert truth(person).state == State.ACTIVE


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"description": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"])
def test_json_that_is_nested_too_deeply_is_malformed(person, body):
    machine = Machine(LOCK)

    answer = machine.post(f"/users/{person.pk}/lock", body)

    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")


@pytest.mark.parametrize("path", ["/", "/nowhere", "/users/1/fly"])
def test_what_is_not_there_is_a_problem_too(path):
    answer = Machine(VIEW).get(path)

    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
