"""Events are what the published schema of OCSF 1.8.0 says, from the package that carries it."""

import copy
import json
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

from audit.models import UserStateAudit
from audit.stream.formats import ocsf
from audit.stream.formats.ocsf import USER_MANAGEMENT
from tests.audit.stream.lives import every_kind_of_record, of_format_1, reads, refusals, steps
from tests.factories import make_user
from users.causes import Cause

pytestmark = pytest.mark.django_db


@cache
def account_change():
    return OcsfJsonSchemaEmbedded(get_ocsf_schema("1.8.0")).get_class_schema("account_change")


@cache
def user_management():
    """Class 3007 is not in 1.8.0. Its attributes are those of class 3001 as far as they are used here."""
    schema = copy.deepcopy(account_change())
    numbers = {number for number, _ in USER_MANAGEMENT.activities.values()} | {99}
    schema["properties"]["class_uid"]["const"] = 3007
    schema["properties"]["activity_id"]["enum"] = sorted(numbers)
    schema["properties"]["type_uid"]["enum"] = [300700 + number for number in sorted(numbers)]
    return schema


@pytest.mark.parametrize(
    ("schema", "line"),
    [(account_change, ocsf.account_change), (user_management, ocsf.user_management)],
    ids=["3001", "3007"],
)
def test_every_kind_of_record_is_valid(schema, line):
    validator = Draft202012Validator(schema())

    for record in every_kind_of_record():
        event = json.loads(line("changes", record, "changes-1-abc"))
        assert [error.message for error in validator.iter_errors(event)] == []
        assert event["type_uid"] == event["class_uid"] * 100 + event["activity_id"]


@pytest.mark.parametrize(
    ("schema", "line"),
    [(account_change, ocsf.account_change), (user_management, ocsf.user_management)],
    ids=["3001", "3007"],
)
def test_a_refused_transition_is_a_failure(schema, line):
    for refusal in refusals():
        event = json.loads(line("refusals", refusal, "refusals-1-abc"))
        assert [error.message for error in Draft202012Validator(schema()).iter_errors(event)] == []
        assert (event["status"], event["status_detail"]) == ("Failure", "state")


def test_a_reading_is_a_datastore_activity():
    schema = OcsfJsonSchemaEmbedded(get_ocsf_schema("1.8.0")).get_class_schema("datastore_activity")
    for reading in reads():
        event = json.loads(ocsf.account_change("reads", reading, "reads-1-abc"))
        assert [error.message for error in Draft202012Validator(schema).iter_errors(event)] == []
        assert event["type_name"] == "Datastore Activity: Read"


@pytest.mark.parametrize(
    ("schema", "line"),
    [(account_change, ocsf.account_change), (user_management, ocsf.user_management)],
    ids=["3001", "3007"],
)
def test_a_step_of_a_scheduled_change_is_no_change_of_the_account(schema, line):
    events = [json.loads(line("scheduled", step, "scheduled-1-abc")) for step in steps()]

    for event in events:
        assert [error.message for error in Draft202012Validator(schema()).iter_errors(event)] == []
    assert {event["activity_id"] for event in events} == {99}
    assert [(event["activity_name"], event["status"]) for event in events] == [
        ("lock-scheduled", "Success"),
        ("lock-cancelled", "Success"),
        ("deactivate-done", "Success"),
        ("deactivate-refused", "Failure"),
    ]
    assert events[0]["unmapped"].keys() >= {"change", "what", "at", "until", "description", "details", "signature"}
    assert events[3]["status_detail"] == "the last one"


def test_the_schema_finds_faults():
    (record, *_) = every_kind_of_record()
    event = json.loads(ocsf.account_change("changes", record, "changes-1-abc"))

    faults: list[dict[str, Any]] = [
        {"class_uid": 3002},
        {"activity_id": 77},
        {"time": "now"},
        {"metadata": {}},
        {"invented": 1},
        {"user": {"uid": 3}},
    ]
    for fault in faults:
        assert list(Draft202012Validator(account_change()).iter_errors(event | fault)), fault


def test_activities_are_those_of_the_schema():
    named = {
        record.transition: json.loads(ocsf.account_change("changes", record, "1"))["activity_name"]
        for record in every_kind_of_record()
    }

    assert named == {
        "create": "Create",
        "activate": "Enable",
        "lock": "Lock",
        "unlock": "Unlock",
        "deactivate": "Disable",
        "reactivate": "Enable",
        "delete": "Delete",
    }


def test_failed_logins_that_lock_are_details_of_the_lock():
    lockout = next(record for record in every_kind_of_record() if record.cause == "failed_logins")

    event = json.loads(ocsf.account_change("changes", lockout, "1"))

    assert event["count"] == 5
    assert event["unmapped"]["details"] == {"count": 5, "addresses": {"192.0.2.7": 5}}
    assert event["severity"] == "Medium"
    assert event["src_endpoint"] == {"ip": "192.0.2.7"}


def test_an_actor_who_is_no_user_is_not_given_as_one():
    record = UserStateAudit(username="ada", user_id=7, initiated_by="system", actor_kind="system", transition="lock")

    assert json.loads(ocsf.account_change("changes", record, "1"))["actor"] == {"app_name": "system"}


def test_a_machine_is_not_given_as_a_person():
    record = UserStateAudit(username="ada", user_id=7, actor_id=3, initiated_by="helpdesk", actor_kind="machine")

    event = json.loads(ocsf.account_change("changes", record, "1"))

    assert event["actor"]["user"] == {"uid": "3", "name": "helpdesk", "type_id": 4, "type": "Service"}


def test_an_actor_of_whom_nothing_is_known_is_not_the_system():
    record = UserStateAudit(username="ada", user_id=7, transition="lock")

    assert json.loads(ocsf.account_change("changes", record, "1"))["actor"] == {"app_name": "unknown"}


def test_a_lock_from_before_causes_is_no_lockout_whatever_its_description_says():
    lock, _ = of_format_1()

    event = json.loads(ocsf.account_change("changes", lock, "1"))

    assert event["severity"] == "Informational"
    assert event["unmapped"].keys() == {"start_state", "end_state", "description", "signature"}
    assert "count" not in event


@pytest.mark.parametrize("count", ["5", True, None, 1.5, [5], {}])
def test_a_count_that_is_no_number_is_left_to_the_details(count):
    ada = make_user("ada")
    ada.fsm.lock(by="system", cause=Cause.FAILED_LOGINS, details={"count": count})

    event = json.loads(ocsf.account_change("changes", UserStateAudit.objects.of(ada).last(), "changes-1-abc"))

    assert "count" not in event
    assert [error.message for error in Draft202012Validator(account_change()).iter_errors(event)] == []
