"""What is personal leaves the record, which still verifies; what is tampered with afterwards is still named."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_fsm_log.models import StateLog

from audit.integrity.signed import reading, scheduling
from audit.integrity.signed.facts import facts_of, person_digest, sealed
from audit.integrity.verification import Verification
from audit.models import AuditErasure, RefusedTransition, SchedulingNote, UserStateAudit
from tests.factories import make_superuser, make_user
from users.exceptions import TransitionRefused
from users.models import ScheduledChange, UserFSM

pytestmark = pytest.mark.django_db

RECORDS = UserStateAudit._meta.db_table


@pytest.fixture
def ada():
    """Somebody who was locked with words about her, and who did something to another person herself."""
    ada, bob = make_user("ada"), make_user("bob")
    bob.fsm.lock(by=ada, description="by ada about bob")
    with pytest.raises(TransitionRefused):
        bob.fsm.lock(by=ada, description="once more")
    ada.fsm.lock(by=make_superuser("root"), description="stole the till", details={"addresses": ["192.0.2.1"]})
    return ada


def erase(username="ada", **options):
    call_command("audit_erase", username, reason="Art. 17", stdout=StringIO(), **options)


def everything():
    return "".join(str(list(model._base_manager.values())) for model in (UserStateAudit, StateLog, RefusedTransition))


def test_nothing_names_the_person_any_more_and_the_record_still_verifies(ada, verify):
    erase()

    assert "'ada'" not in everything()
    assert "stole the till" not in everything()
    assert "192.0.2.1" not in everything()
    assert verify().findings == []


def test_an_erasure_during_a_verification_is_no_finding(ada, monkeypatch):
    monkeypatch.setattr(reading, "PAGE", 1)
    pages: list[int] = []

    def on_page(records):
        if not pages:  # when the notes are read, and most records are not
            erase()
        pages.append(records)

    found = Verification("default", on_page=on_page)

    assert list(found.findings()) == []
    assert len(pages) > 1
    assert "'ada'" not in everything()


def test_the_journal_names_the_key_so_that_an_erasure_can_be_made_again_after_a_restore(ada, caplog):
    with caplog.at_level("INFO", "audit"):
        erase()

    maintenance = [json.loads(each) for each in caplog.messages if "maintenance" in each]
    assert [each["maintenance"] for each in maintenance] == [f"erasure of user {ada.pk}: Art. 17"]


def test_facts_and_what_is_somebody_elses_stay(ada):
    erase()

    assert "by ada about bob" in everything()  # it is about bob
    changes = UserStateAudit.objects.of(ada).values_list("transition", "start_state", "end_state", "actor_id")
    assert [change[0] for change in changes] == ["create", "activate", "lock"]
    assert UserStateAudit.objects.get(user_id=ada.pk, transition="lock").initiated_by == "root"


def test_somebody_who_is_gone_can_be_erased_by_the_name_they_had(ada, verify):
    ada.delete()

    erase()

    assert "'ada'" not in everything()
    assert verify().findings == []


def test_a_signed_note_says_when_and_why(ada):
    erase()

    note = AuditErasure.objects.get()
    assert (note.user_id, note.reason, note.is_genuine) == (ada.pk, "Art. 17", True)


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE {records} SET username = 'eve' WHERE user_id = %s",
        "UPDATE {records} SET end_state = 'deactivated' WHERE user_id = %s AND transition = 'lock'",
        "UPDATE {records} SET description = 'nothing' WHERE user_id = %s",
        "UPDATE {records} SET person_salt = '=00' WHERE user_id = %s",
        "DELETE FROM user_audit_auditerasure WHERE user_id = %s",
        "UPDATE user_audit_auditerasure SET reason = 'none' WHERE user_id = %s",
    ],
)
def test_a_later_tampering_is_still_named(ada, verify, tamper, tampering):
    erase()

    tamper(tampering.format(records=RECORDS), [ada.pk])

    assert verify().exit_code == 1


def test_an_erasure_that_nobody_declared_is_named(ada, verify, tamper):
    bob = User.objects.get(username="bob")
    record = UserStateAudit.objects.of(bob).latest()
    seal = sealed(person_digest(facts_of(record)))
    tamper(
        f"UPDATE {RECORDS} SET username = '', description = '', details = '{{}}', person_salt = %s WHERE id = %s",
        [seal, record.pk],
    )

    assert [kind for kind, *_ in verify().named] == ["erased"]


def test_life_goes_on_after_it(ada, verify):
    erase()

    UserFSM.objects.get(user=ada).unlock()

    assert UserStateAudit.objects.of(ada).latest().username == "ada"
    assert verify().findings == []


@pytest.mark.parametrize(("username", "reason"), [("nobody", "Art. 17"), ("ada", "  ")])
def test_nobody_and_no_reason_are_refused(ada, username, reason):
    with pytest.raises(CommandError):
        call_command("audit_erase", username, reason=reason, stdout=StringIO())

    assert not AuditErasure.objects.exists()


def test_scheduled_changes_name_the_person_no_more(verify):
    ada, bob = make_user("ada"), make_user("bob")
    tomorrow = timezone.now() + timedelta(days=1)
    ada.fsm.schedule("lock", at=tomorrow, by=bob, description="about ada")
    bob.fsm.schedule("lock", at=tomorrow, by=ada, description="about bob").cancel(by=ada, description="no")

    erase()

    of_ada, of_bob = ScheduledChange.objects.order_by("pk")
    assert (of_ada.username, of_ada.description, of_ada.scheduled_by) == ("", "", "bob")
    assert (of_bob.username, of_bob.description) == ("bob", "about bob")
    assert (of_bob.scheduled_by, of_bob.settled_by, of_bob.scheduled_by_key) == ("", "", str(ada.pk))
    assert list(ada.fsm.scheduled_changes) == [of_ada]
    assert "about ada" not in str(list(SchedulingNote.objects.values()))
    assert list(SchedulingNote.objects.filter(actor_id=ada.pk).values_list("initiated_by", flat=True)) == ["", ""]
    assert verify().findings == []


def test_a_step_blanked_without_a_note_is_named(ada, verify, tamper):
    ada.fsm.schedule("deactivate", at=timezone.now() + timedelta(days=1), by="HR", description="about ada")
    note = SchedulingNote.objects.get()
    seal = sealed(person_digest(scheduling.facts_of(note)))
    tamper(
        "UPDATE user_audit_schedulingnote SET username = '', description = '', details = '{}', person_salt = %s", [seal]
    )

    assert [each["kind"] for each in verify().findings] == ["schedule"]


def test_words_that_others_were_given_at_the_same_moment_stay_in_their_logs():
    ada, bob = make_user("ada"), make_user("bob")
    UserFSM.objects.filter(user__in=[ada, bob]).bulk_transition("lock", by="HR", description="both of them")

    erase()

    logs = StateLog.objects.filter(transition="lock").values_list("object_id", "description")
    assert dict(logs) == {ada.fsm.pk: "", bob.fsm.pk: "both of them"}


def test_everybody_who_had_the_name_is_counted():
    for _ in range(2):
        make_user("ada").delete()

    out = StringIO()
    call_command("audit_erase", "ada", reason="Art. 17", stdout=out)

    assert out.getvalue().startswith("6 records")


@pytest.fixture
def newcomer(ada):
    """Somebody who got the key of a deleted person and acts under it."""
    User.objects.get(username="bob").fsm.unlock(by=ada, description="ada was here")
    ada.fsm.unlock(by="HR", description="it was another one")
    key = ada.pk
    ada.delete()
    newcomer = make_user("newcomer", pk=key)
    User.objects.get(username="bob").fsm.lock(by=newcomer, description="by the newcomer about bob")
    newcomer.fsm.lock(by="HR", description="about the newcomer")
    return newcomer


def test_erasing_somebody_leaves_the_person_who_had_the_key_before(newcomer, verify):
    erase("newcomer")

    assert "'newcomer'" not in everything()
    assert "about the newcomer" not in everything()
    assert "stole the till" in everything()
    assert UserStateAudit.objects.filter(actor_id=newcomer.pk, initiated_by="ada").count() == 2
    assert verify().findings == []


def test_erasing_somebody_who_is_gone_leaves_the_person_who_has_the_key_now(newcomer, verify):
    erase("ada")

    assert "'ada'" not in everything()
    assert "stole the till" not in everything()
    assert "about the newcomer" in everything()
    assert UserStateAudit.objects.get(actor_id=newcomer.pk, initiated_by="newcomer").username == "bob"
    assert verify().findings == []


def test_what_is_blanked_of_somebody_else_who_had_the_key_is_named(newcomer, verify, tamper):
    erase("newcomer")
    record = UserStateAudit.objects.get(user_id=newcomer.pk, description="stole the till")

    tamper(
        f"UPDATE {RECORDS} SET username = '', description = '', details = '{{}}', person_salt = %s WHERE id = %s",
        [sealed(person_digest(facts_of(record))), record.pk],
    )

    assert [kind for kind, *_ in verify().named] == ["erased"]
