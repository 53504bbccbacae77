"""On a developer's machine, emails are kept and can be read in the admin. Nowhere else."""

import pytest
from django.core.mail import EmailMessage, EmailMultiAlternatives

from project import mailbox
from tests.factories import make_superuser, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_machine(settings, tmp_path, monkeypatch):
    settings.DEBUG = True
    monkeypatch.setattr("project.mailbox.file.path", lambda: tmp_path / "demo.mailbox")


def send(to="ada@example.com", subject="Hello", body="See\nhttp://127.0.0.1:8000/accounts/unlock/x/\n"):
    message = EmailMultiAlternatives(subject, body, "site@example.com", [to])
    message.attach_alternative("<p>See</p>", "text/html")
    assert mailbox.Backend().send_messages([message]) == 1


def test_emails_are_read_back_newest_first():
    send(subject="One")
    send(subject="Två 李小龙 \u2068ليلى\u2069", to="layla@example.com", body="ليلى,\nFrom here\n")

    two, one = mailbox.newest_first()

    assert (two.subject, two.to, two.text) == ("Två 李小龙 \u2068ليلى\u2069", "layla@example.com", "ليلى,\nFrom here\n")
    assert one.subject == "One"
    assert [message.subject for message in mailbox.newest_first(to="ada@example.com")] == ["One"]


def test_keeping_an_email_takes_no_longer_where_there_are_many(monkeypatch):
    send(subject="One")
    with monkeypatch.context() as patch:
        patch.setattr("mailbox.mbox._generate_toc", None)  # which reads the whole file
        send(subject="Two")

    assert [message.subject for message in mailbox.newest_first()] == ["Two", "One"]


def test_an_empty_mailbox_is_empty():
    assert mailbox.newest_first() == []


def test_an_email_without_html_is_read_too():
    mailbox.Backend().send_messages([EmailMessage("Plain", "Text\n", "site@example.com", ["ada@example.com"])])

    assert mailbox.newest_first()[0].text == "Text\n"


def test_a_superuser_reads_them_and_follows_their_links(client):
    send(body="See\nhttp://127.0.0.1:8000/accounts/unlock/x/\n<script>\n")
    client.force_login(make_superuser())

    listed = client.get("/admin/mailbox/")
    number = mailbox.newest_first()[0].number
    shown = client.get(f"/admin/mailbox/{number}/")

    assert "Hello" in listed.text
    assert f'href="/admin/mailbox/{number}/"' in listed.text
    assert 'href="http://127.0.0.1:8000/accounts/unlock/x/"' in shown.text
    assert "&lt;script&gt;" in shown.text
    assert client.get("/admin/mailbox/99/").status_code == 404


def test_the_header_of_the_admin_leads_there(client):
    client.force_login(make_superuser())

    assert 'href="/admin/mailbox/"' in client.get("/admin/").text


def test_nobody_else_reads_them(client):
    send()
    assert client.get("/admin/mailbox/").status_code == 302

    client.force_login(make_user("sofia", is_staff=True))
    assert client.get("/admin/mailbox/").status_code == 403
    assert client.get("/admin/mailbox/0/").status_code == 403


def test_in_production_there_is_no_such_page(client, settings):
    send()
    settings.DEBUG = False
    client.force_login(make_superuser())

    assert client.get("/admin/mailbox/").status_code == 404
    assert "mailbox" not in client.get("/admin/").text
