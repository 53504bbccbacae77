import pytest
from django.contrib.auth.models import User
from django.core import mail as outbox
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.urls import reverse
from post_office.models import STATUS, Email

from tests.factories import make_superuser, make_user
from tests.staff import make_staff
from users.mail import delivery, names
from users.models import Mail

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/admin/user_lifecycle/mail/"


@pytest.fixture
def staff(client):
    staff = make_staff("staff", "view_mail", "retry_mail")
    client.force_login(staff)
    return staff


@pytest.fixture
def ada():
    return make_user("ada", email="ada@example.com")


@pytest.fixture
def failed(ada, settings, monkeypatch):
    """An email to Ada that could not be sent."""

    def refuse(self, messages):
        raise ValueError("no <such> mailbox")

    settings.USERS_MAIL_RETRIES = []
    with monkeypatch.context() as without_server:
        without_server.setattr(EmailBackend, "send_messages", refuse)
        ada.fsm.lock(by="system")
    return Mail.objects.get()


def page_of(user):
    return reverse("admin:auth_user_change", args=[user.pk])


def again(user, mail):
    return reverse("admin:auth_user_retry_mail", args=[user.pk, mail.pk])


def retry(client, *mails):
    return client.post(LIST, {"action": "try_again", "_selected_action": [mail.pk for mail in mails]}, follow=True)


def test_an_email_that_was_not_sent_stays_on_the_persons_page_however_many_were_sent_since(client, staff, ada, failed):
    for _ in range(4):
        ada.fsm.unlock(by="system")
        ada.fsm.lock(by="system")

    rows = client.get(page_of(ada)).context["account"].mails
    assert rows[0].mail.pk == failed.pk
    assert rows[0].retry == again(ada, failed)
    assert [row.mail.pk for row in rows[1:]] == sorted((row.mail.pk for row in rows[1:]), reverse=True)


def test_the_list_says_what_went_to_whom_and_why_not(client, staff, ada, failed):
    ada.fsm.unlock(by="system")
    page = client.get(LIST).text

    for said in ("Account locked", "Account unlocked", "ada@example.com", "Failed", "Sent"):
        assert said in page
    assert "ValueError: no &lt;such&gt; mailbox" in page
    assert f'<a href="{page_of(ada)}"><bdi>ada</bdi></a>' in page

    one = client.get(f"{LIST}{failed.pk}/change/").text
    for said in ("Account locked", "ada@example.com", "Failed", "ValueError: no &lt;such&gt; mailbox"):
        assert said in one


def test_an_email_is_called_by_what_it_is_about_and_not_by_its_technical_name(client, ada, failed):
    client.force_login(make_superuser("root"))
    queued = Mail.objects.get()
    one = client.get(f"{LIST}{queued.pk}/change/").text
    deleting = client.get(reverse("admin:auth_user_delete", args=[ada.pk])).text

    assert f"<h2>Account locked: {names.isolated('ada')}</h2>" in one
    assert "Reason:" in one
    assert f"{queued.kind}: " not in one.replace("Account locked: ", "")
    assert f"{queued.kind}: " not in deleting
    Email.objects.update(status=STATUS.sent)
    assert "Reason:" not in client.get(f"{LIST}{queued.pk}/change/").text


def test_the_list_can_be_narrowed_to_what_became_of_them(client, staff, ada, failed):
    ada.fsm.unlock(by="system")
    for which, kinds in {
        "failed": ["locked"],
        "sent": ["unlocked"],
        "waiting": [],
    }.items():
        shown = client.get(LIST, {"standing": which}).context["cl"].result_list
        assert [mail.kind for mail in shown] == kinds


@pytest.mark.parametrize("query", ["ada", "ADA@example", "nobody", "%", "x" * 1000])
def test_people_and_addresses_are_found_and_nothing_is_an_error(client, staff, failed, query):
    page = client.get(LIST, {"q": query})

    assert page.status_code == 200
    assert len(page.context["cl"].result_list) == query.lower().startswith("ada")


def test_a_failed_email_is_tried_again_from_the_list(client, staff, failed):
    page = retry(client, failed)

    assert "1 email is sent again." in page.text
    assert [message.to for message in outbox.outbox] == [["ada@example.com"]]


def test_an_email_that_was_sent_is_not_sent_again(client, staff, ada):
    ada.fsm.lock(by="system")

    assert "0 emails" in retry(client, Mail.objects.get()).text
    assert len(outbox.outbox) == 1


def test_a_persons_page_shows_their_emails_and_tries_again(client, staff, ada, failed):
    page = client.get(page_of(ada)).text
    assert "ValueError: no &lt;such&gt; mailbox" in page
    assert f'action="{again(ada, failed)}"' in page

    shown = client.post(again(ada, failed), follow=True)

    assert shown.request["PATH_INFO"] == page_of(ada)
    assert len(outbox.outbox) == 1
    assert again(ada, failed) not in shown.text


def test_the_email_of_somebody_else_is_not_sent_from_a_persons_page(client, staff, failed):
    client.post(again(make_user("bob"), failed))

    assert outbox.outbox == []


@pytest.mark.parametrize("permissions", [[], ["view_mail"]])
def test_without_the_permission_nothing_is_sent_again(client, ada, failed, permissions):
    client.force_login(make_staff("other", *permissions))

    assert client.post(again(ada, failed)).status_code == 403
    assert client.get(again(ada, failed)).status_code == 405
    retry(client, failed)
    assert again(ada, failed) not in client.get(page_of(ada)).text
    assert outbox.outbox == []


def test_without_the_permission_nobody_sees_emails(client, ada, failed):
    client.force_login(make_staff("other"))

    assert client.get(LIST).status_code == 403
    assert "no &lt;such&gt; mailbox" not in client.get(page_of(ada)).text


def test_strangers_and_other_sites_cannot_send_again(ada, failed):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(make_superuser())

    assert strict.post(again(ada, failed)).status_code == 403
    assert Client().post(again(ada, failed)).status_code == 302
    assert outbox.outbox == []


@pytest.mark.parametrize("path", ["add/", "{}/delete/"])
def test_emails_cannot_be_added_or_deleted(client, failed, path):
    client.force_login(make_superuser())

    assert client.get(LIST + path.format(failed.pk)).status_code == 403


def test_deleting_a_person_deletes_the_emails_too(client, ada, failed):
    client.force_login(make_superuser())

    client.post(reverse("admin:auth_user_delete", args=[ada.pk]), {"post": "yes", "reason": "left us"})

    assert not User.objects.filter(username="ada").exists()
    assert not Mail.objects.exists()
    assert not Email.objects.exists()


def test_emails_cannot_be_deleted_in_the_list(client, failed):
    client.force_login(make_superuser())
    client.post(LIST, {"action": "delete_selected", "_selected_action": [failed.pk], "post": "yes"})

    assert Mail.objects.exists()


def test_no_page_of_the_library_shows_an_email_with_its_links(client, failed):
    from django.contrib import admin

    client.force_login(make_superuser())

    assert not admin.site.is_registered(Email)


def test_in_other_projects_the_pages_of_the_library_are_without_ours(failed, rf):
    from django.contrib.admin import AdminSite

    from users.administration.mails.queue_admin import EmailsOfOthersAdmin, TemplatesOfOthersAdmin

    request = rf.get("/")
    theirs = Email.objects.create(from_email="a@example.com", to=["b@example.com"])
    site = AdminSite()

    assert list(EmailsOfOthersAdmin(Email, site).get_queryset(request)) == [theirs]
    template = Email.objects.get(person_mail=failed).template
    assert not TemplatesOfOthersAdmin(type(template), site).get_queryset(request).exists()


def test_a_waiting_email_is_tried_at_once(client, staff, ada, settings):
    settings.USERS_MAIL_DELIVERY = "worker"
    ada.fsm.lock(by="system")
    client.post(again(ada, Mail.objects.get()))
    delivery.run(using="default")

    assert len(outbox.outbox) == 1
