from contextlib import nullcontext

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command
from django.db import transaction

from tests.factories import make_user
from tests.mail_errors import EVERY_KIND_OF_ERROR
from users.exceptions import ListNotReadable
from users.invitations import lists
from users.mail import standing
from users.mail.standing import Standing
from users.models import Mail, UserFSM
from users.states import State

pytestmark = pytest.mark.django_db(transaction=True)


def csv_of(*rows, header="email,username"):
    return "\n".join([header, *rows]).encode()


def problems(data):
    return {line.number: line.problems for line in lists.read(data) if line.problems}


@pytest.mark.parametrize(
    "data",
    [
        csv_of("ann@example.com,ann", "bob@example.com,bob"),
        csv_of("ann,ann@example.com", "bob,bob@example.com", header="username,email"),
        csv_of("ann@example.com;x;ann", "bob@example.com;x;bob", header="email;department;username"),
        b"\xef\xbb\xbf"
        + csv_of("ann@example.com,ann", "", '"bob@example.com", bob ', header="E-Mail,Email,Username").replace(
            b"E-Mail,", b"", 1
        ),
        csv_of("ann@example.com,ann", "bob@example.com,bob").replace(b"\n", b"\r\n"),
    ],
    ids=["plain", "other order", "semicolons and more columns", "from a spreadsheet", "line ends of Windows"],
)
def test_lists_as_people_write_them_are_read(data):
    lines = lists.read(data)

    assert [(line.username, line.email) for line in lines] == [("ann", "ann@example.com"), ("bob", "bob@example.com")]
    assert not any(line.problems for line in lines)


@pytest.mark.parametrize(
    "data",
    [b"", b"\n\n", b"ann@example.com,ann\n", b"name\nAnn Lee", b"\xff\xfe\x00", b'"' + b"x" * 200_000],
    ids=["empty", "blank", "no header", "no address", "half a character", "too long"],
)
def test_a_file_that_is_no_list_is_refused_as_a_whole(data):
    with pytest.raises(ListNotReadable, match="email,username"):
        lists.read(data)


def test_errors_are_named_line_by_line():
    make_user("taken", email="taken@example.com")
    data = csv_of(
        "ann@example.com,ann",
        "no address,bob",
        "carl@example.com,",
        "ANN@example.com,dora",
        "emil@example.com,ann",
        "TAKEN@example.com,fritz",
        "gerd@example.com,taken",
        "hans@example.com,ha\x00ns",
        "only-one-column",
        f"ida@example.com,{'i' * 10_000}",
    )

    found = problems(data)

    assert list(found) == [3, 5, 6, 7, 8, 9, 10, 11]
    assert found[3] == ["email: Enter a valid email address."]
    assert found[5] == ["This is a second line for the same email."]
    assert found[6] == ["This is a second line for the same username."]
    assert found[7] == ["An account with this address already exists."]
    assert found[8] == ["A user with that username already exists."]
    assert "at most 150 characters" in found[11][0]


def test_a_line_that_is_too_long_is_named_and_the_others_are_read():
    data = csv_of("ann@example.com," + "a" * 200_000, "bob@example.com,bob")

    assert problems(data) == {2: ["This line cannot be read as CSV."]}


def test_reading_changes_nothing_and_asks_the_database_a_few_times(django_assert_num_queries):
    data = csv_of(*(f"p{number}@example.com,p{number}" for number in range(500)))

    with django_assert_num_queries(2):
        lists.read(data)

    assert not User.objects.exists()


def test_everybody_without_a_problem_is_invited():
    lines = lists.read(csv_of("ann@example.com,ann", "bob,bob", "carl@example.com,carl"))

    outcome = lists.invite_all(lines, by="system")

    assert [line.username for line in outcome.invited] == ["ann", "carl"]
    assert [line.username for line in outcome.refused] == ["bob"]
    assert UserFSM.objects.in_state(State.INVITED).count() == 2
    assert [message.to for message in mail.outbox] == [["ann@example.com"], ["carl@example.com"]]


def test_a_person_who_was_added_meanwhile_is_refused():
    lines = lists.read(csv_of("ann@example.com,ann", "bob@example.com,bob"))
    make_user("ann")

    outcome = lists.invite_all(lines)

    assert [line.username for line in outcome.invited] == ["bob"]
    assert outcome.refused[0].problems == ["A user with that username already exists."]


def refuse(monkeypatch, *addresses, error):
    """Let the mail server refuse these people."""
    real = EmailBackend.send_messages

    def picky(self, messages):
        if messages[0].to[0] in addresses:
            raise error
        return real(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", picky)


@pytest.mark.parametrize("error", EVERY_KIND_OF_ERROR, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("in_one_transaction", [False, True], ids=["", "in a transaction"])
def test_a_mail_server_that_refuses_one_person_does_not_stop_the_others(monkeypatch, error, in_one_transaction):
    refuse(monkeypatch, "p1@example.com", error=error)
    data = csv_of(*(f"p{number}@example.com,p{number}" for number in range(4)))

    with transaction.atomic() if in_one_transaction else nullcontext():
        outcome = lists.invite_all(lists.read(data))

    assert len(outcome.invited) == 4
    assert [message.to for message in mail.outbox] == [[f"p{number}@example.com"] for number in (0, 2, 3)]
    assert [each.user.username for each in Mail.objects.all() if standing.of(each) is Standing.WAITING] == ["p1"]


def test_the_same_list_once_more_invites_whom_the_first_one_did_not_reach(monkeypatch, settings):
    settings.USERS_MAIL_RETRIES = []
    data = csv_of("ann@example.com,ann", "bob@example.com,bob")
    with monkeypatch.context() as without_server:
        refuse(without_server, "bob@example.com", error=ValueError("no such mailbox"))
        lists.invite_all(lists.read(data))

    outcome = lists.invite_all(lists.read(data))

    assert [line.username for line in outcome.invited] == ["bob"]
    assert [line.problems for line in outcome.refused] == [["This person has been invited already."]]
    assert [message.to for message in mail.outbox] == [["ann@example.com"], ["bob@example.com"]]


# manage.py invite


def test_the_command_invites_and_shows_no_progress_to_programs(invite):
    out, err = invite(csv_of(*(f"p{number}@example.com,p{number}" for number in range(3))))

    assert out == "3 of 3 invited\n"
    assert err == ""
    assert len(mail.outbox) == 3


def test_the_command_names_who_was_left_out_and_fails_in_the_end(invite):
    out, err = invite(csv_of("ann@example.com,ann", "bob,bob"))

    assert out == "1 of 2 invited\n"
    assert err == "line 3: bob: email: Enter a valid email address.\n1 were skipped"


def test_the_command_says_whose_email_was_not_sent_and_fails(invite, monkeypatch):
    refuse(monkeypatch, "bob@example.com", error=ValueError("no such mailbox"))

    out, err = invite(csv_of("ann@example.com,ann", "bob@example.com,bob"))

    assert out == "2 of 2 invited\n"
    assert "bob: the email was not sent: ValueError: no such mailbox\n" in err
    assert "1 emails could not be sent so far" in err


def test_the_command_says_in_which_encoding_it_has_read(invite):
    _, err = invite("email,name\njose@example.com,José Pérez\n".encode("cp1252"))

    assert "It was read as Windows-1252" in err
    assert User.objects.get().get_full_name() == "José Pérez"


def test_a_dry_run_says_what_is_wrong_invites_nobody_and_fails_like_the_real_run(invite):
    out, err = invite(csv_of("ann@example.com,ann", "bob,bob"), dry_run=True)

    assert out == "1 of 2 can be invited\n"
    assert err == "line 3: bob: email: Enter a valid email address.\n1 would be skipped"
    assert not User.objects.exists()


def test_a_dry_run_of_a_list_without_mistakes_succeeds(invite):
    assert invite(csv_of("ann@example.com,ann"), dry_run=True) == ("1 of 1 can be invited\n", "")


def test_a_file_that_is_not_there_is_said():
    with pytest.raises(CommandError, match="No such file"):
        call_command("invite", "/nonexistent.csv")
