import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import User
from django.core import mail as outbox
from django.db import transaction

from tests.factories import make_superuser, make_user
from users import mail
from users.models import Mail
from users.states import State

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "correct horse battery"


@pytest.fixture
def ada():
    return make_user("ada", email="ada@example.com", password=PASSWORD)


def sent():
    return [(message.to[0], message.subject) for message in outbox.outbox]


def test_a_new_password_is_told_whoever_set_it(ada, client):
    client.force_login(ada)
    new = {"old_password": PASSWORD, "new_password1": "battery staple", "new_password2": "battery staple"}
    client.post("/accounts/password/change/", new)
    client.force_login(make_superuser())
    client.post(f"/admin/auth/user/{ada.pk}/password/", {"password1": "horse staple", "password2": "horse staple"})

    assert sent() == [("ada@example.com", "Your password was changed")] * 2


def test_a_hash_that_a_login_renews_is_no_new_password(ada, client, settings):
    settings.PASSWORD_HASHERS = [
        f"{PBKDF2PasswordHasher.__module__}.PBKDF2PasswordHasher",
        *settings.PASSWORD_HASHERS,
    ]
    assert client.login(username="ada", password=PASSWORD)

    assert User.objects.get().password.startswith("pbkdf2")
    assert sent() == []


def test_the_first_password_of_who_is_invited_is_not_told():
    iris = make_user("iris", email="iris@example.com", state=State.INVITED)
    iris.set_password(PASSWORD)
    iris.save()

    assert sent() == []


def test_a_changed_address_is_told_to_both_and_names_the_new_one_to_neither(ada):
    ada.email = "new@example.com"
    ada.save()

    assert sent() == [
        ("ada@example.com", "The email address of your account was changed"),
        ("new@example.com", "This is the new email address of your account"),
    ]
    assert "new@example.com" not in str(outbox.outbox[0].body)


def test_a_removed_address_is_told_to_the_one_before(ada):
    ada.email = ""
    ada.save()

    assert sent() == [("ada@example.com", "The email address of your account was changed")]


@pytest.mark.parametrize("fields", [None, ["last_name"]])
def test_another_change_of_the_user_tells_nothing(ada, fields):
    ada.last_name = "Lovelace"
    ada.save(update_fields=fields)

    assert sent() == []


def test_a_change_that_is_undone_is_not_told(ada):
    with transaction.atomic():
        ada.set_password("another one")
        ada.email = "new@example.com"
        ada.save()
        transaction.set_rollback(True)

    assert sent() == []
    assert not Mail.objects.exists()


def test_a_login_from_a_new_device_has_its_email(ada):
    from django.utils import timezone

    mail.send("new_device", ada, {"moment": timezone.now(), "address": "192.0.2.1", "browser": "Firefox"})

    (message,) = outbox.outbox
    assert message.subject == "New login to your account ada"
    assert "From: 192.0.2.1\nBrowser: Firefox" in str(message.body)


class Customer(User):
    class Meta:
        app_label = "auth"
        proxy = True


def test_a_change_through_a_proxy_is_told_too(ada):
    customer = Customer.objects.get(pk=ada.pk)
    customer.email = "new@example.com"
    customer.set_password("battery staple")
    customer.save()

    assert [to for to, _ in sent()] == ["ada@example.com", "new@example.com", "new@example.com"]


def test_the_emails_are_committed_with_the_change_or_neither_is(ada, monkeypatch):
    monkeypatch.setattr("users.mail.changes.send", lambda *args, **kwargs: 1 / 0)
    ada.email = "new@example.com"

    with pytest.raises(ZeroDivisionError):
        ada.save()

    assert User.objects.get().email == "ada@example.com"
