from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import Group, User
from django.core import checks, mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from audit.models import UserStateAudit
from tests.factories import make_superuser, make_user
from tests.mail_errors import EVERY_KIND_OF_ERROR
from tests.threads import at_once
from tests.users.schedule.nights import AFTER, WARN, run
from users.checks import accounts as users_checks
from users.models import UserFSM
from users.schedule import dormancy
from users.states import State

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "correct horse"


@pytest.fixture
def alice(clock, client):
    user = make_user("alice", email="alice@example.com", password=PASSWORD)
    client.login(username="alice", password=PASSWORD)
    return user


def state_of(user):
    return User.objects.get(pk=user.pk).fsm.current_state


def assert_counts_anew(clock):
    """Nobody is warned now; after the whole time, and only then, the person is warned and deactivated."""
    assert run() == (0, 0)
    clock.shift(AFTER)
    assert run() == (1, 0)
    clock.shift(WARN)
    assert run() == (0, 1)


def test_people_are_warned_before_and_deactivated_when_the_time_has_come(clock, alice):
    clock.shift(AFTER - WARN - timedelta(seconds=1))
    assert run() == (0, 0)
    clock.shift(timedelta(seconds=1))
    assert run() == (1, 0)
    assert [message.to for message in mail.outbox] == [["alice@example.com"]]
    assert "April 1, 2026" in mail.outbox[0].body

    clock.shift(WARN - timedelta(seconds=1))
    assert run() == (0, 0)
    clock.shift(timedelta(seconds=1))
    assert run() == (0, 1)

    record = UserStateAudit.objects.transitions().of(alice).last()
    assert record is not None
    assert (record.transition, record.initiated_by, record.description) == (
        "deactivate",
        "system",
        "no login for 90 days",
    )
    assert [message.subject for message in mail.outbox] == [
        "Your account will be deactivated",
        "Your account alice was deactivated",
    ]


def test_a_login_after_the_first_look_is_seen_by_the_second_under_the_lock(clock, alice):
    clock.shift(AFTER - WARN)
    assert run() == (1, 0)
    clock.shift(WARN)
    looks = []

    def log_in_after_the_first_look(execute, sql, *args):
        result = execute(sql, *args)
        if sql.startswith("SELECT") and "LIMIT" in sql and "dormancy_warned_at" in sql:
            looks.append(sql)
            if len(looks) == 1:
                User.objects.filter(pk=alice.pk).update(last_login=timezone.now())
        return result

    with connection.execute_wrapper(log_in_after_the_first_look):
        assert run() == (0, 0)

    assert looks
    assert state_of(alice) == State.ACTIVE


def test_a_login_between_the_looks_and_the_deactivation_waits(clock, alice):
    if connection.vendor != "postgresql":
        pytest.skip("on SQLite writers queue")
    clock.shift(AFTER - WARN)
    assert run() == (1, 0)
    clock.shift(WARN)
    attempts = []

    def note_a_login():
        with transaction.atomic():
            return UserFSM.objects.select_for_update(nowait=True).get(user=alice)

    def try_after_each_look(execute, sql, *args):
        result = execute(sql, *args)
        if sql.startswith("SELECT") and "LIMIT" in sql and "dormancy_warned_at" in sql:
            attempts.extend(at_once(note_a_login))
        return result

    with connection.execute_wrapper(try_after_each_look):
        assert run() == (0, 1)

    assert [type(each) for each in attempts[:2]] == [OperationalError, OperationalError]


def test_run_twice_it_changes_nothing_more(clock, alice):
    clock.shift(AFTER)
    assert run() == (1, 0)
    assert run() == (0, 0)
    clock.shift(WARN)
    assert run() == (0, 1)
    assert run() == (0, 0)
    assert [message.subject for message in mail.outbox] == [
        "Your account will be deactivated",
        "Your account alice was deactivated",
    ]


def test_a_late_first_run_warns_and_shuts_nobody_out(clock, alice):
    clock.shift(timedelta(days=1000))

    assert run() == (1, 0)
    assert state_of(alice) == State.ACTIVE


def test_a_login_in_between_cancels_and_starts_anew(clock, alice, client):
    clock.shift(AFTER)
    run()
    clock.shift(WARN / 2)
    client.login(username="alice", password=PASSWORD)
    clock.shift(WARN)

    assert_counts_anew(clock)


def test_where_the_user_model_has_no_last_login_that_of_the_account_counts(clock, alice, client, monkeypatch):
    monkeypatch.setattr(dormancy, "has_field", lambda name: name not in {"last_login", "date_joined"})
    clock.shift(AFTER)
    client.login(username="alice", password=PASSWORD)
    User.objects.update(last_login=None)
    clock.shift(AFTER - WARN - timedelta(days=1))
    assert run() == (0, 0)
    clock.shift(timedelta(days=1))
    assert run() == (1, 0)
    clock.shift(WARN / 2)
    client.login(username="alice", password=PASSWORD)
    User.objects.update(last_login=None)
    clock.shift(WARN)

    assert_counts_anew(clock)


def test_a_person_who_comes_back_is_warned_anew(clock, alice):
    clock.shift(AFTER)
    run()
    clock.shift(WARN)
    run()
    User.objects.get(pk=alice.pk).fsm.reactivate(by="system")

    assert run() == (1, 0)
    assert state_of(alice) == State.ACTIVE


def test_an_account_that_never_logged_in_counts_from_its_beginning(clock):
    make_user("bob")
    clock.shift(AFTER)

    assert run() == (1, 0)


def test_superusers_and_the_group_are_left_alone(clock, settings):
    settings.USERS_NEVER_DORMANT_GROUP = "machines"
    make_superuser("root")
    make_user("robot").groups.add(Group.objects.create(name="machines"))
    make_user("bob").groups.add(Group.objects.create(name="others"))
    clock.shift(timedelta(days=1000))

    assert run() == (1, 0)
    clock.shift(WARN)
    assert run() == (0, 1)
    assert set(User.objects.filter(is_active=True).values_list("username", flat=True)) == {"root", "robot"}


@pytest.mark.parametrize("state", [each for each in State if each is not State.ACTIVE])
def test_only_active_accounts_are_dormant(clock, state):
    make_user("bob", state=state)
    clock.shift(timedelta(days=1000))

    assert run() == (0, 0)


def test_a_person_without_an_address_is_deactivated_all_the_same(clock):
    make_user("bob")
    clock.shift(AFTER)

    assert run() == (1, 0)
    clock.shift(WARN)
    assert run() == (0, 1)
    assert mail.outbox == []


@pytest.mark.parametrize("error", EVERY_KIND_OF_ERROR, ids=lambda error: type(error).__name__)
def test_a_person_who_could_not_be_warned_is_not_deactivated_and_the_others_are_warned(clock, monkeypatch, error):
    people = [make_user(name, email=f"{name}@example.com") for name in ("ann", "bob", "carl")]
    real = EmailBackend.send_messages

    def picky(self, messages):
        if messages[0].to == ["bob@example.com"]:
            raise error
        return real(self, messages)

    clock.shift(AFTER)
    with monkeypatch.context() as without_server:
        without_server.setattr(EmailBackend, "send_messages", picky)
        with pytest.raises(CommandError, match="1 could not be"):
            call_command("deactivate_dormant", stdout=StringIO())
        clock.shift(WARN)
        assert run() == (0, 2)
    assert [state_of(user) for user in people] == [State.DEACTIVATED, State.ACTIVE, State.DEACTIVATED]

    clock.shift(timedelta(days=1))
    assert run() == (1, 0)
    clock.shift(WARN - timedelta(seconds=1))
    assert run() == (0, 0)
    clock.shift(timedelta(seconds=1))
    assert run() == (0, 1)


def test_a_warning_that_the_worker_sends_later_counts_from_then(clock, alice, monkeypatch):
    def refuse(self, messages):
        raise ValueError("no")

    clock.shift(AFTER)
    with monkeypatch.context() as without_server:
        without_server.setattr(EmailBackend, "send_messages", refuse)
        run()
    clock.shift(timedelta(days=1))
    call_command("send_mails", stdout=StringIO())

    clock.shift(WARN - timedelta(seconds=1))
    assert run() == (0, 0)
    clock.shift(timedelta(seconds=1))
    assert run() == (0, 1)


def test_a_long_list_is_worked_off_in_batches(clock, settings):
    settings.USERS_BULK_BATCH_SIZE = 2
    for number in range(5):
        make_user(f"p{number}")
    clock.shift(AFTER)

    assert run() == (5, 0)
    clock.shift(WARN)
    assert run() == (0, 5)


# manage.py deactivate_dormant


def command(*arguments):
    out = StringIO()
    call_command("deactivate_dormant", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_says_what_it_did(clock, alice):
    clock.shift(timedelta(days=30))

    assert command("--after", "30d", "--warn", "7d") == "1 warned, 0 deactivated\n"
    clock.shift(timedelta(days=7))
    assert command("--after", "30d", "--warn", "7d") == "0 warned, 1 deactivated\n"


def test_its_defaults_are_the_settings(clock, alice, settings):
    settings.USERS_DORMANT_AFTER = timedelta(days=10)
    settings.USERS_DORMANT_WARNING = timedelta(days=2)
    clock.shift(timedelta(days=8))

    assert command() == "1 warned, 0 deactivated\n"


def test_a_dry_run_says_who_and_changes_nothing(clock, alice):
    clock.shift(AFTER)
    assert command("--dry-run") == "would warn alice\n"
    assert mail.outbox == []
    run()
    clock.shift(WARN)

    assert command("--dry-run") == "would deactivate alice\n"
    assert state_of(alice) == State.ACTIVE


@pytest.mark.parametrize("arguments", [["--after", "90"], ["--after", "0d"], ["--after=-3d"], ["--warn", "٣d"]])
def test_a_text_that_is_no_number_of_days_is_refused(arguments):
    with pytest.raises(CommandError, match="not a number of days"):
        command(*arguments)


def test_a_warning_that_comes_too_late_is_refused():
    with pytest.raises(CommandError, match="must have fewer days"):
        command("--after", "14d", "--warn", "14d")


@pytest.mark.parametrize(
    ("after", "warn", "ids"),
    [(AFTER, WARN, []), (WARN, WARN, ["users.E009"]), (WARN, AFTER, ["users.E009"]), ("90d", WARN, [])],
)
def test_settings_that_warn_too_late_are_an_error(settings, after, warn, ids):
    settings.USERS_DORMANT_AFTER, settings.USERS_DORMANT_WARNING = after, warn
    found: list[checks.CheckMessage] = users_checks.check_dormancy_warns_before(None)

    assert [message.id for message in found] == ids
