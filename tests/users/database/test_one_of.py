"""Conditions on many keys."""

import uuid
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import connection, models
from django.test.utils import isolate_apps

from users.database.one_of import one_of

pytestmark = pytest.mark.django_db


def found(model, name, keys):
    chosen = one_of(name, keys, model._meta.pk, using="default")
    return set(model._base_manager.filter(chosen).values_list(name, flat=True))


def test_it_finds_the_rows_with_these_keys_and_no_others():
    ada, bob, carol = User.objects.bulk_create([User(username=name) for name in ("ada", "bob", "carol")])

    assert found(User, "id", [ada.pk, carol.pk, carol.pk, 10**9]) == {ada.pk, carol.pk}
    assert found(User, "id", []) == set()
    assert bob.pk in found(User, "id", range(bob.pk, bob.pk + 1))


def test_keys_are_of_any_type():
    keys = ["plain", 'it\'s {"a\\", %s', "日本"]
    for key in [*keys, "other"]:
        Session.objects.create(session_key=key, expire_date=datetime(2026, 1, 1, tzinfo=UTC))

    assert found(Session, "session_key", keys) == set(keys)


def test_uuids_are_found():
    with isolate_apps("users"):

        class Device(models.Model):
            id = models.UUIDField(primary_key=True)

            class Meta:
                app_label = "user_lifecycle"

            def __str__(self):
                return str(self.id)

    sql, params = connection.schema_editor().table_sql(Device)
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
    Device._base_manager.bulk_create(Device(id=uuid.UUID(int=number)) for number in range(3))

    assert found(Device, "id", [uuid.UUID(int=1), str(uuid.UUID(int=2))]) == {uuid.UUID(int=1), uuid.UUID(int=2)}


def test_a_thousand_keys_are_one_parameter():
    chosen = one_of("id", range(1000), User._meta.pk, using="default")

    _, params = User.objects.filter(chosen).query.sql_with_params()

    assert len(params) == 1
