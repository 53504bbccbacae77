"""`manage.py transition`."""

import io
import sys
from functools import partial

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command

from audit.models import UserStateAudit
from tests.factories import make_invited, make_superuser, make_user
from tests.truth import assert_true_record, truth
from users.models import UserFSM
from users.states import State

pytestmark = pytest.mark.django_db

lock = partial(call_command, "transition", "lock", description="the interns leave")


@pytest.fixture
def interns():
    group = Group.objects.create(name="interns")
    people = [make_user(f"intern{number}") for number in range(3)]
    group.user_set.set(people)
    return people


@pytest.fixture
def crowd():
    """A hundred and one people in the state invited."""
    make_invited(f"person{number}" for number in range(101))
    return UserFSM.objects.filter(user__username__startswith="person")


@pytest.fixture
def terminal(monkeypatch):
    """Somebody at the terminal who answers: `terminal("y")`."""

    def answer(text):
        monkeypatch.setattr(sys, "stdin", io.StringIO(f"{text}\n"))
        monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)

    return answer


def test_the_accounts_that_all_options_agree_on_make_the_transition(interns, capsys):
    outsider = make_user("outsider")
    deactivated = make_user("gone", state=State.DEACTIVATED)
    Group.objects.get(name="interns").user_set.add(deactivated)
    before = truth(outsider), truth(deactivated)

    lock(state="active", group="interns")

    assert [assert_true_record(person).state for person in interns] == [State.LOCKED] * 3
    assert (truth(outsider), truth(deactivated)) == before
    assert capsys.readouterr().out == "lock: 3 accounts\n"


def test_usernames_select_and_the_record_names_who_does_it_and_why(interns):
    lock(username=["intern0", "intern2"], by="night shift")

    assert [truth(person).state for person in interns] == [State.LOCKED, State.ACTIVE, State.LOCKED]
    record = UserStateAudit.objects.transitions().of(interns[0]).last()
    assert record is not None
    assert (record.initiated_by, record.ip_address, record.description) == ("night shift", "CLI", "the interns leave")


def test_without_by_the_record_says_cli(interns):
    lock(username=["intern0"])

    record = UserStateAudit.objects.transitions().of(interns[0]).last()
    assert record is not None
    assert record.initiated_by == "CLI"


def test_refusals_are_told_with_who_and_why(interns, capsys):
    interns[0].fsm.lock()
    interns[1].fsm.deactivate()

    lock(group="interns")

    told = capsys.readouterr()
    assert told.out == "lock: 1 account\n"
    assert told.err.splitlines() == ["refused, being locked: intern0", "refused, being deactivated: intern1"]


def test_a_dry_run_says_what_would_be_done_and_does_nothing(interns, capsys):
    interns[0].fsm.lock()
    before = [truth(person) for person in interns]

    lock(group="interns", dry_run=True)

    assert [truth(person) for person in interns] == before
    assert set(capsys.readouterr().out.splitlines()) == {
        "would lock: 2 accounts in the state active",
        "would not lock: 1 account in the state locked",
    }


def test_a_transition_that_everybody_was_refused_fails_and_says_who(interns, capsys):
    lock(group="interns")
    capsys.readouterr()

    with pytest.raises(CommandError, match=r"^everybody was refused$") as failed:
        lock(group="interns")

    told = capsys.readouterr()
    assert failed.value.returncode == 1
    assert (told.out, told.err) == ("lock: 0 accounts\n", "refused, being locked: intern0, intern1, intern2\n")


def test_a_dry_run_in_which_everybody_would_be_refused_fails_like_the_real_run(interns):
    lock(group="interns")

    with pytest.raises(CommandError, match=r"^everybody would be refused$") as failed:
        lock(group="interns", dry_run=True)

    assert failed.value.returncode == 1


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_selection_without_accounts_is_no_failure_so_that_the_command_can_be_repeated(dry_run):
    lock(state="active", dry_run=dry_run)


def test_a_dry_run_fails_where_the_real_run_would_leave_the_last_superuser(interns, capsys):
    root = make_superuser()
    would_lock = partial(lock, username=["intern0", root.username], dry_run=True)

    with pytest.raises(CommandError, match="root, the last active superuser"):
        would_lock()
    would_lock(even_the_last_superuser=True)

    assert [truth(user).state for user in (interns[0], root)] == [State.ACTIVE, State.ACTIVE]


@pytest.mark.parametrize("answer", ["", "n", "what?"])
def test_more_than_a_hundred_are_asked_about_and_anything_but_yes_does_nothing(crowd, terminal, answer, capsys):
    terminal(answer)

    with pytest.raises(CommandError, match="nothing was changed"):
        call_command("transition", "activate", state="invited", description="welcome")

    assert capsys.readouterr().err.endswith("activate: 101 accounts. Go on? [y/N] ")
    assert crowd.in_state(State.INVITED).count() == 101


def test_more_than_a_hundred_are_done_after_a_yes(crowd, terminal):
    terminal("y")

    call_command("transition", "activate", state="invited", description="welcome")

    assert crowd.in_state(State.ACTIVE).count() == 101


def test_a_hundred_are_not_asked_about(crowd, terminal, capsys):
    terminal("n")
    names = list(crowd.values_list("user__username", flat=True)[:100])

    call_command("transition", "activate", username=names, description="welcome")

    assert "Go on?" not in capsys.readouterr().err
    assert crowd.in_state(State.ACTIVE).count() == 100


def test_where_nobody_can_be_asked_more_than_a_hundred_need_yes(crowd, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))

    with pytest.raises(CommandError, match="101 accounts needs --yes"):
        call_command("transition", "activate", state="invited", description="welcome")
    assert crowd.in_state(State.INVITED).count() == 101

    call_command("transition", "activate", state="invited", description="welcome", yes=True, batch_size=40)
    assert crowd.in_state(State.ACTIVE).count() == 101


def test_interrupted_it_says_so_and_a_second_run_does_the_rest(interns, monkeypatch):
    original = UserFSM.objects.all().__class__.bulk_transition

    def interrupted(self, name, *, on_progress, **kwargs):
        def after_two(seen):
            if seen == 2:
                raise KeyboardInterrupt

        return original(self, name, on_progress=after_two, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(UserFSM.objects.all().__class__, "bulk_transition", interrupted)
        with pytest.raises(CommandError, match="run the command again"):
            lock(group="interns", batch_size=1)
    assert [assert_true_record(person).state for person in interns] == [State.LOCKED, State.LOCKED, State.ACTIVE]

    lock(group="interns")
    assert [assert_true_record(person).version for person in interns] == [2, 2, 2]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "select accounts"),
        ({"group": "nobody's"}, "no group"),
        ({"username": ["intern0", "nobody", "nothing"]}, "nobody called 'nobody', 'nothing'"),
        ({"state": "asleep"}, "invalid choice"),
        ({"state": "active", "batch_size": 0}, "a number above 0"),
        ({"state": "active", "database": "elsewhere"}, "invalid choice"),
    ],
)
def test_a_selection_that_makes_no_sense_is_an_error_and_moves_nobody(interns, arguments, message):
    before = [truth(person) for person in interns]

    words = [word for name, value in arguments.items() for word in _words(name, value)]
    with pytest.raises(CommandError, match=message):
        call_command("transition", "lock", "--description", "a mistake", *words)

    assert [truth(person) for person in interns] == before


def test_a_transition_that_is_none_and_a_missing_reason_are_errors(interns):
    with pytest.raises(CommandError, match="invalid choice"):
        call_command("transition", "delete", state="active", description="a mistake")
    with pytest.raises(CommandError, match="--description"):
        call_command("transition", "lock", state="active")


def _words(name, value):
    return [f"--{name.replace('_', '-')}", *(value if isinstance(value, list) else [str(value)])]


@pytest.mark.parametrize("name", ["lock", "deactivate"])
def test_the_last_active_superuser_is_left_unless_it_is_asked_for(name, interns, capsys):
    first, last = make_superuser("first"), make_superuser("last")
    everybody = [user.username for user in (*interns, first, last)]
    transition = partial(call_command, "transition", name, username=everybody, description="the end", by="ops")

    with pytest.raises(CommandError, match=r"last, the last active superuser.* --even-the-last-superuser"):
        transition()
    assert [truth(user).state for user in (first, last, interns[0])] == [
        NOT_ACTIVE[name],
        State.ACTIVE,
        NOT_ACTIVE[name],
    ]

    transition(even_the_last_superuser=True)
    assert truth(last).state == NOT_ACTIVE[name]


def test_a_locked_superuser_without_another_is_not_deactivated():
    root = make_superuser()
    root.fsm.lock(by="system")

    with pytest.raises(CommandError, match="root, the last active superuser"):
        call_command("transition", "deactivate", username=["root"], description="the end")
    call_command("transition", "unlock", username=["root"], description="back again")

    assert truth(root).state == State.ACTIVE


NOT_ACTIVE = {"lock": State.LOCKED, "deactivate": State.DEACTIVATED}
