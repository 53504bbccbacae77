"""A prepared UPDATE writes what Django's `update` would, with other values each time."""

from datetime import UTC, datetime

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.db.models import F

from tests.factories import make_user
from users.database.compiled_updates import Parameter, Update
from users.models import LoginSession, UserFSM

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def update(**columns):
    return Update.prepared(UserFSM._base_manager.filter(pk=Parameter.of(UserFSM, "id")), **columns)


def test_it_writes_the_values_of_each_call_into_the_rows_that_the_call_selects():
    people = [make_user("ada").fsm, make_user("grace").fsm]
    moment, address = (Parameter.of(UserFSM, name) for name in ("last_login_at", "last_login_from"))
    noting = update(last_login_at=moment, last_login_from=address, failed_logins_untold=F("failed_logins_untold") + 1)

    assert noting.send(id=people[0].pk, last_login_at=NOON, last_login_from="' 100%s") == 1
    assert noting.send(id=people[1].pk, last_login_at=None, last_login_from="") == 1
    assert noting.send(id=0, last_login_at=NOON, last_login_from="") == 0

    columns = ("last_login_at", "last_login_from", "failed_logins_untold")
    assert list(UserFSM.objects.order_by("pk").values_list(*columns)) == [(NOON, "' 100%s", 1), (None, "", 1)]


def test_a_parameter_may_stand_in_several_places_under_a_name_of_its_own():
    fsm = make_user("ada").fsm
    count = Parameter.of(UserFSM, "failed_logins", "count")
    counting = update(failed_logins=count, failed_logins_untold=count)
    counting.send(id=fsm.pk, count=3)

    fsm.refresh_from_db()
    assert (fsm.failed_logins, fsm.failed_logins_untold) == (3, 3)


def test_a_value_that_is_missing_is_an_error():
    with pytest.raises(KeyError, match="id"):
        update(failed_logins=1).send()


def test_a_row_goes_with_it_and_gets_its_key_if_it_has_written():
    fsm = make_user("ada").fsm
    noting, user_agent = update(failed_logins_untold=F("failed_logins_untold") + 1), "' 100%s \u7532"
    session, unwanted = (
        LoginSession(user_id=fsm.user_id, version=1, digest=f"{each}", expires=NOON, user_agent=user_agent)
        for each in range(2)
    )

    assert noting.send_with(session, id=fsm.pk)
    assert not noting.send_with(unwanted, id=0)

    stored = LoginSession.objects.get()
    columns = [field.attname for field in LoginSession._meta.concrete_fields]
    assert [getattr(stored, name) for name in columns] == [getattr(session, name) for name in columns]
    session.delete()
    assert unwanted.pk is None


@pytest.mark.django_db(transaction=True)
def test_neither_it_nor_its_row_is_written_where_the_row_cannot_be():
    fsm = make_user("ada").fsm
    noting = update(failed_logins_untold=F("failed_logins_untold") + 1)
    noting.send_with(LoginSession(user_id=fsm.user_id, version=1, digest="one"), id=fsm.pk)

    with pytest.raises(IntegrityError):
        noting.send_with(LoginSession(user_id=fsm.user_id, version=1, digest="one"), id=fsm.pk)

    fsm.refresh_from_db()
    assert fsm.failed_logins_untold == 1
    assert not connection.needs_rollback


@pytest.mark.django_db(transaction=True)
def test_after_an_error_the_transaction_goes_no_further():
    fsm = make_user("ada").fsm
    with transaction.atomic():
        with pytest.raises((IntegrityError, DataError)):
            update(failed_logins=Parameter.of(UserFSM, "failed_logins")).send(id=fsm.pk, failed_logins=-1)

        assert connection.needs_rollback
