"""People are found by name and address in whatever case, and no such question reads the whole table."""

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection

from tests.factories import make_user
from users.input import mailbox
from users.rows import lookups

NAMES = {"user_lifecycle_username_folded", "user_lifecycle_email_folded"}

pytestmark = pytest.mark.django_db


def made():
    with connection.cursor() as cursor:
        return NAMES & connection.introspection.get_constraints(cursor, "auth_user").keys()


@pytest.fixture
def many():
    """As a project that adds the app has them before it migrates."""
    lookups.drop(using="default")
    people = [User(username=f"Person{n}", email=f"Person{n}@example.com", is_active=False) for n in range(2000)]
    User.objects.bulk_create(people)
    lookups.index(using="default")


@pytest.mark.parametrize(
    "people",
    [
        lambda: User.objects.filter(username__iexact="pERSON1000").order_by("pk")[:200],
        lambda: User.objects.filter(mailbox.having("pERSON1000@example.com")),
        lambda: User.objects.filter(mailbox.having("pERSON1000@bücher.example")),
    ],
    ids=["name", "address", "international address"],
)
def test_an_index_answers(many, people):
    plan = people().explain()

    assert "folded" in plan, plan
    assert "Seq Scan" not in plan
    assert "SCAN auth_user" not in plan


def test_what_is_found_is_the_same_as_without(many):
    make_user("ADA", email="ADA@example.com")
    make_user("ada", email="ada@example.com")

    assert User.objects.filter(username__iexact="Ada").count() == 2
    assert User.objects.filter(mailbox.having("Ada@example.com")).count() == 2


@pytest.mark.django_db(transaction=True)
def test_they_come_with_the_app_and_go_with_it(settings):
    settings.AUDIT_RECORDS_DELETABLE = True
    assert made() == NAMES
    try:
        call_command("migrate", "user_audit", "zero", verbosity=0)
        call_command("migrate", "user_lifecycle", "zero", verbosity=0)
        assert made() == set()
    finally:
        call_command("migrate", verbosity=0)
    assert made() == NAMES


def test_columns_that_hold_no_text_have_none(monkeypatch):
    monkeypatch.setattr(User, "USERNAME_FIELD", "id")
    monkeypatch.setattr(User, "get_email_field_name", classmethod(lambda cls: "nothing"))

    assert lookups._fields("default") == []
