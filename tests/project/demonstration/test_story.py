"""What the demonstration tells: one run of it, at which the tests look."""

import re
from datetime import timedelta
from io import StringIO
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core import mail as outbox
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from django_fsm_log.models import StateLog
from post_office.models import STATUS, Email

from audit.models import RefusedTransition, UserStateAudit
from project import mailbox
from users.models import LoginSession, ScheduledChange, UserFSM
from users.states import State

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def told(django_db_setup, django_db_blocker, tmp_path_factory):
    """The story in the database, for all tests of this file; what the command printed."""
    folder = tmp_path_factory.mktemp("demonstration")
    around = transaction.atomic()
    around._from_testcase = True  # type: ignore[attr-defined]  # as Django marks the transactions of its own TestCase
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, around:
        patch.setattr(settings, "DEBUG", True)
        patch.setattr("project.management.commands.demo.password_file", lambda: folder / "demo.passwords")
        patch.setattr("project.mailbox.file.path", lambda: folder / "demo.mailbox")
        out = StringIO()
        call_command("demo", stdout=out)
        yield out.getvalue()
        transaction.set_rollback(True)


def link_in(message):
    return urlsplit(re.findall(r"https?://\S+/accounts/\S+", message.text)[0]).path


def test_an_empty_database_gets_people_in_every_state(told):
    for state in State:
        assert UserFSM.objects.in_state(state).count() >= 2


def test_everybody_came_to_their_state_by_transitions(told):
    for fsm in UserFSM.objects.select_related("user").exclude(user__is_superuser=True):
        records = UserStateAudit.objects.transitions().filter(user_id=fsm.user_id).order_by("sequence")
        story = [State.INVITED, *(record.end_state for record in records)]
        assert [record.start_state for record in records] == story[:-1]
        assert story[-1] == fsm.current_state
        assert len(records) == fsm.version


def test_one_account_was_locked_by_guesses_at_its_password_just_now(told):
    guessed = UserFSM.objects.get(user__username="lena")

    assert guessed.current_state == State.LOCKED
    assert guessed.locked_until is not None
    assert guessed.locked_until > timezone.now()


def test_it_tells_a_month_in_the_order_of_its_times(told):
    moments = list(UserStateAudit.objects.order_by("pk").values_list("datetime", flat=True))
    assert moments == sorted(moments)
    assert moments[0] < timezone.now() - timedelta(days=29)
    assert timezone.now() - timedelta(minutes=30) < moments[-1] < timezone.now()
    assert list(StateLog.objects.order_by("pk").values_list("timestamp", flat=True)) == list(
        UserStateAudit.objects.transitions().order_by("pk").values_list("datetime", flat=True)
    )


def test_every_feature_has_left_its_trace(told):
    causes = set(UserStateAudit.objects.values_list("cause", flat=True))
    assert causes >= {
        "created", "invitation_accepted", "request", "failed_logins", "lock_expired", "unlock_link", "left", "scheduled"
    }  # fmt: skip
    assert UserStateAudit.objects.filter(actor_kind="anonymous", ip_address="2001:db8:bad::1").count() == 3
    assert RefusedTransition.objects.get().reason == "protected"
    assert set(ScheduledChange.objects.values_list("username", "outcome")) == {("david", "done"), ("arthur", "pending")}
    assert LoginSession.objects.filter(user__username="alice", user_agent__contains="Linux").exists()


def test_the_record_of_the_story_verifies(told):
    out = StringIO()

    call_command("audit_verify", stdout=out)

    assert "findings: 0" in out.getvalue()


def test_the_emails_of_the_story_can_be_read_and_their_links_work(told, client):
    lock, invitation = mailbox.newest_first(to="lena@example.com")[0], mailbox.newest_first(to="iris@example.com")[0]

    assert lock.subject == "Your account lena was locked"
    assert lock.moment is not None
    assert timezone.now() - timedelta(minutes=30) < lock.moment < timezone.now()
    client.post(link_in(lock))
    assert UserFSM.objects.get(user__username="lena").current_state == State.ACTIVE
    assert client.get(link_in(invitation)).status_code == 200
    assert client.get(link_in(mailbox.newest_first(to="ivan@example.com")[0])).status_code == 410


def test_nobody_outside_gets_an_email_of_the_story(told):
    assert not Email.objects.exclude(status=STATUS.sent).exists()
    assert outbox.outbox == []
    assert mailbox.newest_first()


def test_it_says_what_to_try(told):
    said = told

    assert "a month of history" in said
    assert "/admin/mailbox/" in said
    assert "alice@example.com" in said
