import smtplib

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.utils.timezone import localtime

from tests.factories import make_superuser, make_user
from tests.staff import make_staff
from users.administration.inviting import forms as invitation_forms
from users.mail import standing
from users.mail.standing import Standing
from users.models import Mail, ScheduledChange, UserFSM
from users.schedule import changes
from users.states import State

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "/admin/auth/user/invite/"
ONE = {"email": "ann@example.com", "username": "ann"}


@pytest.fixture
def staff(client):
    user = make_staff("staff", "invite_userfsm")
    client.force_login(user)
    return user


def upload(client, content, **data):
    file = SimpleUploadedFile("people.csv", content, "text/csv")
    return client.post(PAGE, {"file": file, **data}, follow=True)


def confirm(client, page):
    content = page.text.split('name="content" value="')[1].split('"')[0]
    return client.post(PAGE, {"content": content, "confirmed": "Invite"}, follow=True)


def invited():
    return set(UserFSM.objects.in_state(State.INVITED).values_list("user__username", flat=True))


def test_the_list_of_users_leads_to_it_for_who_may(client, staff):
    assert PAGE in client.get("/admin/auth/user/").text
    client.force_login(make_staff("other"))
    assert PAGE not in client.get("/admin/auth/user/").text


def test_anyone_without_the_permission_is_refused_however_they_ask(client):
    client.force_login(make_staff("other", "add_user", "activate_userfsm"))

    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, ONE).status_code == 403
    assert upload(client, b"email,username\nann@example.com,ann", confirmed="1").status_code == 403
    assert not User.objects.filter(username="ann").exists()


def test_an_account_can_be_made_with_an_end_at_which_it_is_deactivated(client, staff):
    last_day = f"{localtime().year + 2}-03-31T18:00"
    client.post(PAGE, ONE | {"ends_at": last_day}, follow=True)
    change = ScheduledChange.objects.get()
    assert (change.username, change.transition, change.scheduled_by) == ("ann", "deactivate", "staff")
    assert localtime(change.at).isoformat()[:16] == last_day

    with time_machine.travel(change.at, tick=False):
        changes.run_due()

    assert invited() == set()
    assert User.objects.get(username="ann").fsm.current_state == State.DEACTIVATED


@pytest.mark.parametrize("ends_at", ["2001-01-01T00:00", "2190-01-01T00:00", "x"])
def test_an_end_that_makes_no_sense_invites_nobody(client, staff, ends_at):
    page = client.post(PAGE, ONE | {"ends_at": ends_at})

    assert page.status_code == 200
    assert "errorlist" in page.text
    assert invited() == set()
    assert not ScheduledChange.objects.exists()


def test_a_person_who_is_not_staff_is_sent_to_the_login(client):
    client.force_login(make_user("alice"))

    assert client.post(PAGE, ONE).status_code == 302
    assert not User.objects.filter(username="ann").exists()


def test_other_sites_cannot_invite(staff):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(staff)

    assert strict.post(PAGE, ONE).status_code == 403


def test_one_person_is_invited_and_the_admins_log_says_by_whom(client, staff):
    page = client.post(PAGE, ONE, follow=True)

    assert "An invitation is on its way to ann@example.com." in page.text
    assert invited() == {"ann"}
    assert [message.to for message in mail.outbox] == [["ann@example.com"]]
    entry = LogEntry.objects.get()
    assert (entry.user_id, entry.object_repr) == (staff.pk, "ann")


@pytest.mark.parametrize(
    ("email", "username", "said"),
    [
        ("nonsense", "ann", "Enter a valid email address."),
        ("ann@example.com", "a nn", "Enter a valid username."),
        ("ann@example.com", "staff", "A user with that username already exists."),
        ("taken@example.com", "ann", "An account with this address already exists."),
        ("ann@example.com", "a\x00nn", "Null characters are not allowed."),
        ("ann@example.com", "a" * 10_000, "at most 150 characters"),
    ],
)
def test_an_error_about_one_person_is_shown_at_the_field(client, staff, email, username, said):
    make_user("taken", email="taken@example.com")

    assert said in client.post(PAGE, {"email": email, "username": username}).text
    assert invited() == set()


def test_a_mail_that_could_not_be_sent_is_shown_and_can_be_sent_again(client, staff, monkeypatch):
    def refuse(self, messages):
        raise smtplib.SMTPServerDisconnected("gone")

    with monkeypatch.context() as without_server:
        without_server.setattr(EmailBackend, "send_messages", refuse)
        page = client.post(PAGE, ONE, follow=True)

    assert "1 email could not be sent so far (SMTPServerDisconnected: gone)." in page.text
    assert page.request["PATH_INFO"] == f"/admin/auth/user/{User.objects.get(username='ann').pk}/change/"
    assert "resend_invitation" in page.text


def test_a_list_is_shown_with_what_is_wrong_before_anybody_is_invited(client, staff):
    page = upload(client, b"email,username\nann@example.com,ann\nbob,bob\nann@example.com,<b>\n")

    assert invited() == set()
    assert "<strong>1</strong> person can be invited." in page.text
    assert '<th scope="row">3</th><td><bdi>bob</bdi></td><td><bdi>bob</bdi></td>' in page.text
    assert "<td>email: Enter a valid email address.</td>" in page.text
    assert "&lt;b&gt;" in page.text


def test_the_ends_of_accounts_are_shown_before_anybody_is_invited(client, staff):
    year = localtime().year + 2
    page = upload(client, f"email,username,ends\nann@example.com,ann,{year}-03-31\nbob@example.com,bob,soon\n".encode())

    assert f"<td>April 1, {year}, midnight</td>" in page.text
    assert "“soon” is not a date." in page.text

    confirm(client, page)
    change = ScheduledChange.objects.get()
    assert (change.username, change.transition, change.scheduled_by) == ("ann", "deactivate", "staff")
    assert localtime(change.at).isoformat()[:16] == f"{year}-04-01T00:00"


def test_the_list_that_was_shown_is_invited_when_it_is_confirmed(client, staff):
    page = confirm(client, upload(client, b"email,username\nann@example.com,ann\nbob,bob\ncarl@example.com,carl\n"))

    assert invited() == {"ann", "carl"}
    assert "2 people have been invited." in page.text
    assert LogEntry.objects.filter(user=staff).count() == 2


def test_the_admins_log_names_who_was_written_in_another_form_of_unicode(client, staff):
    confirm(client, upload(client, "email,username\nfinn@example.com,ﬁnn\n".encode()))  # with a ligature

    assert invited() == {"finn"}
    assert [entry.object_repr for entry in LogEntry.objects.filter(user=staff)] == ["finn"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The submitted file is empty."),
        (b"ann@example.com,ann", "The first line must name the columns: email,username"),
        (b"\xff\xfee\x00m\x00", "The first line must name the columns"),
        (b"email,username\n" + b"x" * invitation_forms.LONGEST_FILE, "The file is larger than 256.0"),
        (b"email,username\n" + b"a@b,c\n" * 501, "The list has 501 people."),
    ],
)
def test_a_file_that_is_no_list_is_refused(client, staff, content, said):
    assert said in upload(client, content).text


@pytest.mark.parametrize("content", ["", "nonsense", "\x00", "é", "x" * 10_000])
def test_a_made_up_confirmation_is_refused(client, staff, content):
    page = client.post(PAGE, {"content": content, "confirmed": "1"})

    assert page.status_code == 200
    assert invited() == set()


def test_another_encoding_is_said_and_the_people_are_shown(client, staff):
    page = upload(client, "email,first name\njose@example.com,José\n".encode("cp1252"))

    assert "It was read as Windows-1252" in page.text
    assert "<td><bdi>jose@example.com</bdi></td>" in page.text


def test_the_first_twenty_are_shown_and_the_others_when_the_list_is_opened(client, staff):
    people = [f"p{number}@example.com,Person,Number{number}" for number in range(23)]
    wrong = [f"nowhere,Person,Wrong{number}" for number in range(21)]
    page = upload(client, "\n".join(["Email Address [Required],First Name,Last Name", *people, *wrong]).encode())

    assert [line.last_name for line in page.context["good_lines"].first] == [f"Number{number}" for number in range(20)]
    assert [line.last_name for line in page.context["good_lines"].others] == ["Number20", "Number21", "Number22"]
    assert len(page.context["wrong_lines"].first) == 20
    assert "The first 20:" in page.text
    assert "<summary>and 3 more</summary>" in page.text
    assert "<summary>and 1 more</summary>" in page.text
    assert all(f"<td><bdi>Person Number{number}</bdi></td>" in page.text for number in range(23))


def test_a_lost_mail_server_is_shown_and_the_rest_can_be_tried_again(client, staff, monkeypatch):
    def unreachable(self):
        raise ConnectionRefusedError("nobody listens")

    with monkeypatch.context() as without_server:
        without_server.setattr(EmailBackend, "open", unreachable)
        page = confirm(client, upload(client, b"email,username\nann@example.com,ann\nbob@example.com,bob\n"))
    assert "2 emails could not be sent so far (ConnectionRefusedError: nobody listens)." in page.text
    assert invited() == {"ann", "bob"}
    assert [standing.of(each) for each in Mail.objects.all()] == [Standing.WAITING] * 2

    client.force_login(make_superuser())
    client.post("/admin/user_lifecycle/mail/", {"action": "try_again", "_selected_action": [*all_keys()]}, follow=True)

    assert len(mail.outbox) == 2


def all_keys():
    return Mail.objects.values_list("pk", flat=True)
