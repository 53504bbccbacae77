"""A person is deleted while something is being written about them: the deletion succeeds, and leaves nothing behind."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.db.models.signals import post_delete
from post_office.models import Email, Log

from tests.factories import make_user
from tests.threads import TIMEOUT, elsewhere, wait_until_blocking
from users.mail import delivery, queue
from users.models import Mail, UserFSM

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time"),
]


@pytest.fixture
def ada(settings):
    settings.USERS_MAIL_DELIVERY = "worker"
    return make_user("ada", email="ada@example.com")


@contextmanager
def when_only_the_user_is_left(call):
    """Call this in the middle of a deletion, when what refers to the user is deleted and the user is not."""

    def receiver(**_):
        call()

    post_delete.connect(receiver, sender=UserFSM)
    try:
        yield
    finally:
        post_delete.disconnect(receiver, sender=UserFSM)


def test_an_email_can_be_noted_as_sent_meanwhile(ada):
    queue.send("unlocked", ada)

    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            delivery._note_sent(Email.objects.get(), using="default")
            deletion = threads.submit(elsewhere, User.objects.get(pk=ada.pk).delete)
            wait_until_blocking()
        deletion.result(TIMEOUT)

    assert not User.objects.filter(pk=ada.pk).exists()
    assert not Email.objects.exists()
    assert not Log.objects.exists()


def test_an_email_queued_just_before_goes_too(ada):
    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            UserFSM.objects.select_for_update().get(user=ada)
            deletion = threads.submit(elsewhere, User.objects.get(pk=ada.pk).delete)
            wait_until_blocking()  # the deletion has collected what it will delete
            queue.send("unlocked", ada)
        deletion.result(TIMEOUT)

    assert not User.objects.filter(pk=ada.pk).exists()
    assert not Mail.objects.exists()
    assert not Email.objects.exists()


def test_an_email_queued_meanwhile_is_what_fails(ada):
    late = []

    with ThreadPoolExecutor(1) as threads:

        def queue_one():
            late.append(threads.submit(elsewhere, partial(queue.send, "unlocked", ada)))
            wait_until_blocking()

        with when_only_the_user_is_left(queue_one):
            User.objects.get(pk=ada.pk).delete()

        with pytest.raises(IntegrityError):
            late[0].result(TIMEOUT)
    assert not User.objects.filter(pk=ada.pk).exists()
    assert not Mail.objects.exists()
    assert not Email.objects.exists()
