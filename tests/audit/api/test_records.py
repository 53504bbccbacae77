"""The record over HTTP."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from audit import replica
from audit.models import RecordRead, RefusedTransition, UserStateAudit
from tests.api import Machine
from tests.factories import make_user

pytestmark = pytest.mark.django_db

VIEW, REFUSALS = "user_audit.view_userstateaudit", "user_audit.view_refusedtransition"


def ids(response):
    assert response.status_code == 200, response.content
    return [each["id"] for each in response.json()["results"]]


def all_pages(machine, path, rel="next"):
    seen = []
    while path:
        response = machine.get(path)
        seen += ids(response)
        following = response.json()[rel]
        path = following and following.removeprefix("http://testserver/api/v1")
    return seen


def newest_first():
    return [str(pk) for pk in UserStateAudit.objects.order_by("-datetime", "-pk").values_list("pk", flat=True)]


@pytest.mark.parametrize("path", ["/records", "/users/1/records", "/users/1/state-at?moment=2026-01-01T00:00:00Z"])
def test_nobody_reads_the_record_without_the_permission(path):
    assert Machine(REFUSALS).get(path).status_code == 403


def test_nobody_reads_refusals_without_the_permission():
    assert Machine(VIEW).get("/refusals").status_code == 403


def test_pages_show_every_record_once_newest_first():
    machine = Machine(VIEW)
    for number in range(4):
        make_user(f"person{number}").fsm.lock(by="system")

    assert all_pages(machine, "/records?limit=3") == newest_first()


def test_records_that_arrive_meanwhile_shift_nothing():
    machine = Machine(VIEW)
    for number in range(4):
        make_user(f"person{number}")
    before = newest_first()

    first = machine.get("/records?limit=3")
    make_user("newcomer")
    rest = all_pages(machine, first.json()["next"].removeprefix("http://testserver/api/v1"))

    assert ids(first) + rest == before
    assert 'rel="next"' in first.headers["Link"]


def test_one_can_go_back():
    machine = Machine(VIEW)
    for number in range(3):
        make_user(f"person{number}")
    first = machine.get("/records?limit=2")
    second = machine.get(first.json()["next"].removeprefix("http://testserver/api/v1"))

    back = machine.get(second.json()["previous"].removeprefix("http://testserver/api/v1"))

    assert ids(back) == ids(first)


def test_the_filters_select():
    machine = Machine(VIEW)
    with time_machine.travel(datetime(2030, 1, 1, tzinfo=UTC), tick=False):
        ada = make_user("ada")
    with time_machine.travel(datetime(2030, 1, 2, tzinfo=UTC), tick=False):
        ada.fsm.lock(by="night watch", description="reported stolen")
    lock = str(UserStateAudit.objects.get(end_state="locked").pk)

    for query in (
        "to=locked",
        "from=active",
        "transition=lock",
        "initiated_by=night+watch",
        "actor_kind=named",
        f"user={ada.pk}&cause=request&to=locked",
        "username=ada&to=locked",
        "after=2030-01-02T00:00:00Z",
        "after=2030-01-02T00:00:00%2B00:00",
        "after=2030-01-02",
    ):
        assert ids(machine.get(f"/records?{query}")) == [lock], query
    assert lock not in ids(machine.get("/records?before=2030-01-02T00:00:00Z"))
    assert ids(machine.get(f"/records?actor={ada.pk}")) == []


@pytest.mark.parametrize(
    "query",
    [
        "to=x",
        "cause=x",
        "user=x",
        "after=x",
        "after=9999-99-99",
        "after=0001-01-01T00:00:00%2B23:59",
        "cursor=x",
        "cursor=o1",
        "cursor=z1.1",
        "cursor=o99999999999999999.9999999999999999999",
        "limit=0",
        "username=%01",
        "username=" + "x" * 256,
        "end_state=locked",
    ],
)
def test_a_query_that_makes_no_sense_is_refused(query):
    response = Machine(VIEW).get(f"/records?{query}")

    assert response.status_code == 400
    assert list(response.json()["errors"]) == [query.split("=")[0]]


@pytest.mark.parametrize("path", ["refusals", "schedule-steps", "users/1/records", "users/1/state-at", "users/1"])
def test_a_parameter_that_a_path_does_not_have_is_refused(path):
    machine = Machine(VIEW, REFUSALS, "user_audit.view_schedulingnote", "user_lifecycle.view_userfsm")
    response = machine.get(f"/{path}?cause=request")

    assert (response.status_code, list(response.json()["errors"])) == (400, ["cause"])


def test_a_person_has_a_record_also_when_gone():
    machine, person = Machine(VIEW), make_user()
    key = person.pk
    person.delete()

    records = machine.get(f"/users/{key}/records").json()["results"]

    assert [record["transition"] for record in records] == ["delete", "activate", "create"]


def test_the_state_at_a_time_is_never_that_of_a_replica_that_is_behind(monkeypatch):
    person = make_user("ada")
    monkeypatch.setattr(replica, "place", lambda: replica.Place("behind", datetime.now(UTC)))

    answer = Machine(VIEW).get(f"/users/{person.pk}/state-at?moment=2036-01-01T00:00:00Z")

    assert answer.json()["state"] == "active"


def test_the_state_at_a_time_comes_from_the_record():
    machine = Machine(VIEW)
    birth = datetime(2030, 1, 1, tzinfo=UTC)
    with time_machine.travel(birth, tick=False):
        person = make_user()
    with time_machine.travel(birth + timedelta(days=1), tick=False):
        person.fsm.lock(by="system")

    def state(moment):
        return machine.get(f"/users/{person.pk}/state-at?moment={moment}").json()["state"]

    assert state("2029-12-31T00:00:00Z") is None
    assert state("2030-01-01T12:00:00Z") == "active"
    assert state("2030-01-02T00:00:00Z") == "locked"
    assert machine.get("/users/999999/state-at?moment=2030-01-01T00:00:00Z").status_code == 404
    assert machine.get(f"/users/{person.pk}/state-at").status_code == 400
    assert machine.get(f"/users/{person.pk}/state-at?moment=x").status_code == 400


def test_refusals_are_listed_page_by_page():
    machine, person = Machine(REFUSALS, "user_lifecycle.unlock_userfsm"), make_user()
    for _ in range(3):
        machine.post(f"/users/{person.pk}/unlock", {"description": "please"})

    expected = [str(pk) for pk in RefusedTransition.objects.order_by("-pk").values_list("pk", flat=True)]
    assert len(expected) == 3
    assert all_pages(machine, "/refusals?limit=2") == expected
    refusal = machine.get("/refusals").json()["results"][0]
    assert (refusal["reason"], refusal["state"], refusal["initiated_by"]) == ("state", "active", "helpdesk")
    for cursor in ("x", "-1", "9" * 19, "0" * 40 + "9" * 5000):
        assert machine.get(f"/refusals?cursor={cursor}").status_code == 400


def test_a_reader_is_noted_if_the_settings_ask_for_it(settings):
    settings.AUDIT_LOG_READS = "all"
    machine = Machine(VIEW)

    machine.get("/records?to=locked")

    note = RecordRead.objects.get()
    assert (note.what, note.query, note.rows, note.initiated_by) == ("list", "to=locked", 0, "helpdesk")
    assert note.actor_kind == "machine"


@pytest.mark.parametrize("path", ["/records", "/users/{key}/records", "/refusals", "/schedule-steps"])
def test_pages_from_a_replica_say_how_current_they_are(path, monkeypatch):
    person = make_user()
    auditor = Machine(VIEW, REFUSALS, "user_audit.view_schedulingnote")
    path = path.format(key=person.pk)
    assert auditor.get(path).json()["as_of"] is None

    moment = datetime(2030, 1, 1, 12, 0, tzinfo=UTC)
    monkeypatch.setattr("audit.replica.place", lambda: replica.Place("default", moment))

    assert datetime.fromisoformat(auditor.get(path).json()["as_of"]) == moment
