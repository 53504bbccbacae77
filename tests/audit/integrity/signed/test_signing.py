import uuid
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.integrity.signed import signing
from audit.integrity.signed.facts import Facts, canonical, canonical_details, canonical_moment, message_of
from audit.integrity.signed.signing import Verdict
from audit.models import UserStateAudit

OLD, NEW = "o" * 40, "n" * 40

FACTS = Facts(
    user_id=17,
    username='zoë "z"',
    sequence=3,
    transition="lock",
    start_state="active",
    end_state="locked",
    datetime=datetime(2026, 1, 31, 23, 59, 59, 1, tzinfo=UTC),
    actor_id=None,
    initiated_by="system",
    description="5 failed\nlogins 锁定 🔒",
    ip_address="2001:db8::1",
    user_agent="",
    request_id="abc",
)

OF_FORMAT_2 = FACTS._replace(
    datetime=datetime(2026, 1, 31, 23, 59, 59, 1000, tzinfo=UTC),
    cause="failed_logins",
    locked_until=datetime(2026, 2, 1, 0, 29, 59, tzinfo=UTC),
    actor_kind="system",
    impersonator_id=4,
    impersonator_name="root",
    details={"count": 5, "addresses": ["2001:db8::1"]},
    person_salt="a salt",
    actor_salt="another salt",
)

# Frozen: records in databases and archives stand under signatures over exactly these bytes.
FORM_1 = (
    rb'["record","17","zo\u00eb \"z\"",3,"lock","active","locked","2026-01-31T23:59:59.000001+00:00",null,"system",'
    rb'"5 failed\nlogins \u9501\u5b9a \ud83d\udd12","2001:db8::1","","abc"]'
)
FORM_2 = (
    rb'["record 2","17",3,"lock","failed_logins","active","locked","2026-01-31T23:59:59.001000+00:00","2026'
    rb'-02-01T00:29:59.000000+00:00",null,"system","4","abc","8fc219a08b4ee938d3d73c138877fbbb83b42629e2060'
    rb'73bd96516286a7b5d35","eaad510aa398ba0a61a613f65b92ac211ae8ca220ede52b907d2c6e531317817"]'
)
GOLDEN = {"1": (FACTS, FORM_1), "2": (OF_FORMAT_2, FORM_2)}
BOTH = pytest.mark.parametrize("version", ["1", "2"])


def signature_of(version):
    return f"{version}.01234567.89"


def form(facts, version):
    return message_of(facts, signature_of(version))


def judge(record):
    facts = Facts._make(getattr(record, name) for name in Facts._fields)
    return signing.judge(message_of(facts, record.signature), record.signature)


@BOTH
def test_the_canonical_form_stays_as_it_is(version):
    facts, golden = GOLDEN[version]

    assert form(facts, version) == golden


def test_a_record_signed_in_format_1_stays_genuine(settings):
    settings.AUDIT_SIGNING_KEYS = [OLD]

    claimed = "1.496611d8.5ddec5e053b165d6791d2415397459e8ad12e4354ab7d9c23eb83cd37e1fc78e"
    assert signing.judge(form(FACTS, "1"), claimed) is Verdict.GENUINE


def test_a_signature_of_format_2_stays_as_it_is(settings):
    settings.AUDIT_SIGNING_KEYS = [OLD]

    assert (
        signing.signature(form(OF_FORMAT_2, "2"))
        == "2.496611d8.fa6433a210ea2425d6f2e83b88afc8bf8201c9ea79c3c1d786b7cfedce4fe50b"
    )


@BOTH
def test_the_form_is_the_same_in_every_time_zone(version):
    facts, golden = GOLDEN[version]
    elsewhere = facts.datetime.astimezone(ZoneInfo("Asia/Kathmandu"))

    assert form(facts._replace(datetime=elsewhere), version) == golden


@BOTH
def test_keys_of_users_are_text_whatever_their_type(version):
    facts, key = GOLDEN[version][0], uuid.UUID(int=5)

    assert form(facts._replace(user_id=key, actor_id=key), version) == form(
        facts._replace(user_id=str(key), actor_id=str(key)), version
    )


WORDS = st.text(max_size=20)
MOMENTS = partial(st.datetimes, min_value=datetime(1970, 1, 1), max_value=datetime(2200, 1, 1))  # noqa: DTZ001 - zones follow
NOT_WORDS = {"user_id", "actor_id", "impersonator_id", "datetime", "locked_until", "sequence", "details"}


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)  # of a machine that does something else too
@given(
    facts=st.builds(
        Facts,
        user_id=st.one_of(st.integers(), st.uuids(), WORDS),
        actor_id=st.one_of(st.none(), st.integers(), WORDS),
        impersonator_id=st.one_of(st.none(), st.integers(), WORDS),
        datetime=MOMENTS(timezones=st.sampled_from([UTC, ZoneInfo("Asia/Kathmandu")])),
        locked_until=st.one_of(st.none(), MOMENTS(timezones=st.just(UTC))),
        sequence=st.integers(0, 2**31),
        details=st.one_of(st.none(), st.dictionaries(WORDS, st.one_of(WORDS, st.integers(), st.none()), max_size=3)),
        **dict.fromkeys({*Facts._fields} - NOT_WORDS, WORDS),
    )
)
def test_the_form_is_an_array_of_json_whatever_the_values(facts):
    key, until = (lambda each: None if each is None else str(each)), facts.locked_until
    person = ("person", facts.person_salt, facts.username, facts.description, canonical_details(facts.details))
    actor = ("actor", facts.actor_salt, facts.initiated_by, facts.impersonator_name, facts.ip_address, facts.user_agent)
    digests = (
        each[1][1:] if each[1].startswith("=") else sha256(canonical(*each)).hexdigest() for each in (person, actor)
    )

    assert form(facts, "2") == canonical(
        "record 2",
        str(facts.user_id),
        facts.sequence,
        facts.transition,
        facts.cause,
        facts.start_state,
        facts.end_state,
        canonical_moment(facts.datetime),
        until and canonical_moment(until),
        key(facts.actor_id),
        facts.actor_kind,
        key(facts.impersonator_id),
        facts.request_id,
        *digests,
    )


@BOTH
def test_an_actor_without_a_key_is_not_one_whose_key_reads_none(version):
    facts, golden = GOLDEN[version]

    assert form(facts._replace(actor_id="None"), version) != golden


@BOTH
@pytest.mark.parametrize("name", Facts._fields)
def test_the_form_covers_each_fact(version, name):
    facts, golden = GOLDEN[version]
    moment = datetime(2026, 2, 2, tzinfo=UTC)
    others: dict[str, Any] = {"datetime": moment, "locked_until": moment, "details": {"a": 1}}
    changed: dict[str, Any] = {name: others.get(name, 99 if name == "sequence" else "99")}

    assert form(facts._replace(**changed), version) != golden


def test_a_record_of_format_1_with_anything_that_came_with_format_2_is_none():
    assert form(FACTS._replace(cause="dormant"), "1") != GOLDEN["1"][1]


def test_details_are_signed_whatever_the_order_in_which_a_database_keeps_them():
    turned = dict(reversed(list((OF_FORMAT_2.details or {}).items())))

    assert form(OF_FORMAT_2._replace(details=turned), "2") == GOLDEN["2"][1]


def test_a_record_has_no_columns_but_its_facts_its_key_and_its_signature():
    columns = {field.attname for field in UserStateAudit._meta.concrete_fields}

    assert columns == {*Facts._fields, "id", "signature"}


@pytest.mark.django_db
def test_each_record_is_signed_and_the_signature_holds_for_what_the_database_gives_back(settings):
    person, admin = User.objects.create_user("zoë"), User.objects.create_user("admin")
    person.fsm.activate(by=admin, description="  two lines\r\nand a \x00 \U0001f512")
    person.fsm.lock(until=timezone.now())

    settings.TIME_ZONE = "America/St_Johns"
    with timezone.override("Asia/Kathmandu"):
        assert [judge(record) for record in UserStateAudit.objects.order_by("pk")] == [Verdict.GENUINE] * 4


@pytest.mark.django_db
def test_signing_adds_no_query_to_a_transition(monkeypatch):
    person = User.objects.create_user("alice")
    person.fsm.activate()
    with CaptureQueriesContext(connection) as signed:
        person.fsm.lock()
    person.fsm.unlock()
    monkeypatch.setattr("audit.recording.changes.signature", lambda message: "")
    with CaptureQueriesContext(connection) as unsigned:
        person.fsm.lock()

    assert len(signed) == len(unsigned)


def test_a_signature_by_an_older_key_stays_genuine_and_the_newest_signs(settings):
    settings.AUDIT_SIGNING_KEYS = [OLD]
    before = signing.signature(b"facts")
    settings.AUDIT_SIGNING_KEYS = [NEW, OLD]
    after = signing.signature(b"facts")

    assert [signing.judge(b"facts", each) for each in (before, after)] == [Verdict.GENUINE] * 2
    settings.AUDIT_SIGNING_KEYS = [NEW]
    assert [signing.judge(b"facts", each) for each in (before, after)] == [Verdict.UNKNOWN_KEY, Verdict.GENUINE]


def test_without_keys_of_its_own_the_secret_key_signs_and_its_fallbacks_are_known(settings):
    settings.AUDIT_SIGNING_KEYS = None
    settings.SECRET_KEY = OLD
    before = signing.signature(b"facts")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]

    assert signing.judge(b"facts", before) is Verdict.GENUINE
    assert signing.signature(b"facts") != before


@pytest.mark.parametrize(
    ("forge", "verdict"),
    [
        (lambda _: "", Verdict.UNSIGNED),
        (lambda good: good[:-1] + ("0" if good[-1] != "0" else "1"), Verdict.FORGED),
        (lambda good: good[:-1], Verdict.FORGED),
        (lambda good: good.upper(), Verdict.UNKNOWN_KEY),
        (lambda good: "3" + good[1:], Verdict.FORGED),
        (lambda _: "…", Verdict.FORGED),
        (lambda good: good[:11] + "…", Verdict.FORGED),
        (lambda good: "1.00000000." + good[11:], Verdict.UNKNOWN_KEY),
    ],
)
def test_anything_but_the_signature_itself_is_refused(forge, verdict):
    assert signing.judge(b"facts", forge(signing.signature(b"facts"))) is verdict
