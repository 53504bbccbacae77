"""Events use the fields of the Elastic Common Schema with the types and levels that its reference gives them."""

import json
from datetime import datetime
from ipaddress import ip_address
from typing import Any

import pytest

from audit.models import UserStateAudit
from audit.stream.formats import ecs
from tests.audit.stream.lives import every_kind_of_record, reads, refusals, steps

pytestmark = pytest.mark.django_db

# From `generated/csv/fields.csv` of elastic/ecs: type, level, and whether it is an array.
REFERENCE = {
    "@timestamp": ("date", "core", False),
    "ecs.version": ("keyword", "core", False),
    "message": ("match_only_text", "core", False),
    "event.action": ("keyword", "core", False),
    "event.category": ("keyword", "core", True),
    "event.code": ("keyword", "extended", False),
    "event.dataset": ("keyword", "core", False),
    "event.id": ("keyword", "core", False),
    "event.kind": ("keyword", "core", False),
    "event.module": ("keyword", "core", False),
    "event.outcome": ("keyword", "core", False),
    "event.provider": ("keyword", "extended", False),
    "event.reason": ("keyword", "extended", False),
    "event.sequence": ("long", "extended", False),
    "event.type": ("keyword", "core", True),
    "http.request.id": ("keyword", "extended", False),
    "related.ip": ("ip", "extended", True),
    "related.user": ("keyword", "extended", True),
    "source.address": ("keyword", "extended", False),
    "source.ip": ("ip", "core", False),
    "user.effective.id": ("keyword", "core", False),
    "user.effective.name": ("keyword", "core", False),
    "user.id": ("keyword", "core", False),
    "user.name": ("keyword", "core", False),
    "user.target.id": ("keyword", "core", False),
    "user.target.name": ("keyword", "core", False),
    "user_agent.original": ("keyword", "extended", False),
}
CORE = {"@timestamp", "ecs.version", "message", "event.kind", "event.category", "event.type", "event.outcome"}
EXPECTED_TYPES = {
    "iam": {"admin", "change", "creation", "deletion", "group", "info", "user"},
    "database": {"access", "change", "info", "error"},
}


def fields(event: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in event.items():
        if prefix == "" and name == "user_audit":
            continue
        if isinstance(value, dict):
            found |= fields(value, f"{prefix}{name}.")
        else:
            found[f"{prefix}{name}"] = value
    return found


def fits(value: Any, kind: str) -> bool:
    if kind == "long":
        return type(value) is int
    if kind == "ip":
        return bool(ip_address(value))
    if kind == "date":
        return bool(datetime.fromisoformat(value))
    return isinstance(value, str)


def events():
    return [
        json.loads(ecs.line(what, row, f"{what}-1-abc"))
        for what, rows in (
            ("refusals", refusals()),
            ("reads", reads()),
            ("scheduled", steps()),
            ("changes", every_kind_of_record()),
        )
        for row in rows
    ]


def test_every_field_is_in_the_reference_and_of_its_type():
    seen: set[str] = set()
    for event in events():
        found = fields(event)
        assert found.keys() <= REFERENCE.keys()
        assert found.keys() >= CORE
        seen |= found.keys()
        for name, value in found.items():
            kind, _, is_array = REFERENCE[name]
            assert isinstance(value, list) is is_array, name
            assert all(fits(each, kind) for each in (value if is_array else [value])), (name, value)
    assert seen == REFERENCE.keys()


def test_categories_and_types_are_those_that_belong_together():
    for event in events():
        assert event["event"]["kind"] == "event"
        (category,) = event["event"]["category"]
        assert set(event["event"]["type"]) <= EXPECTED_TYPES[category]
        assert event["event"]["outcome"] in {"success", "failure", "unknown"}


def test_a_step_of_a_scheduled_change_is_no_change_of_the_account():
    said = [json.loads(ecs.line("scheduled", step, "scheduled-1-abc"))["event"] for step in steps()]

    assert {tuple(event["type"]) for event in said} == {("user", "info")}
    assert [(event["action"], event["outcome"]) for event in said] == [
        ("lock-scheduled", "success"),
        ("lock-cancelled", "success"),
        ("deactivate-done", "success"),
        ("deactivate-refused", "failure"),
    ]


def test_the_zone_of_an_address_is_left_out_because_no_index_takes_it():
    record = UserStateAudit(transition="lock", ip_address="fe80::1%eth0")

    event = json.loads(ecs.line("changes", record, "changes-1-abc"))

    assert event["source"] == {"ip": "fe80::1", "address": "fe80::1"}


def test_who_acts_is_the_user_and_the_account_is_the_target():
    impersonated = events()[-1]

    assert impersonated["user"]["name"] == "admin"
    assert impersonated["user"]["effective"]["name"] == "ada"
    assert impersonated["user"]["target"]["name"] == "ada"
