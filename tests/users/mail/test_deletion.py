"""What becomes of queued emails when people are deleted."""

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from post_office.models import STATUS, Email, Log

from tests.factories import make_user
from users.mail.queue import Parcel, write
from users.models import Mail

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_is_sent(settings):
    settings.USERS_MAIL_DELIVERY = "worker"


def make_written(name, emails):
    user = make_user(name, email=f"{name}@example.com")
    write([Parcel(user.pk, "new_password", user.email, {})] * emails, using="default")
    for email in Email.objects.filter(person_mail__user=user):
        Log.objects.create(email=email, status=STATUS.failed)
    return user


def statements_of(deletion):
    with CaptureQueriesContext(connection) as captured:
        deletion()
    return len(captured)


def test_the_emails_of_a_person_go_with_them_and_those_of_others_stay():
    ada, bob = make_written("ada", 3), make_written("bob", 2)

    ada.delete()

    assert set(Mail.objects.values_list("user", flat=True)) == {bob.pk}
    assert Email.objects.count() == Log.objects.count() == 2


def test_emails_of_the_project_stay():
    Email.objects.create(from_email="a@example.com", to=["b@example.com"], status=STATUS.queued)
    make_written("ada", 1)

    User.objects.all().delete()

    assert Email.objects.get().to == ["b@example.com"]


def test_ten_emails_take_as_many_statements_as_one():
    one, ten = make_written("ada", 1), make_written("bob", 10)

    assert statements_of(one.delete) == statements_of(ten.delete)
