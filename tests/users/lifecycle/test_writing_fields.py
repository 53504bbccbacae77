"""Rows that are written along with a transition may have fields of any kind."""

import uuid
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from django.db import connection, models
from django.test.utils import isolate_apps
from django_fsm.signals import post_transition

from audit.models import UserStateAudit
from tests.factories import make_user
from users import lifecycle
from users.lifecycle.writing.columns import SENT_AS_THEY_ARE
from users.models import UserFSM

MOMENT = datetime(2026, 1, 1, 12, 30, tzinfo=UTC)


class FixedField(models.CharField):  # type: ignore[type-arg]  # generic in the stubs only
    """Text of one length, as the documentation of Django shows how to have it."""

    def db_type(self, connection):
        return f"char({self.max_length})"


FIELDS = {
    "big": (models.BigIntegerField(), [2**40, -1, 3]),
    "binary": (models.BinaryField(), [b"\x00a", b"", b"\xff"]),
    "boolean": (models.BooleanField(), [True, False, True]),
    "char": (models.CharField(max_length=20), ["it's {\"a\\", "%s", ""]),
    "date": (models.DateField(), [date(2026, 1, day) for day in (1, 2, 3)]),
    "decimal": (models.DecimalField(max_digits=8, decimal_places=3), [Decimal("1.500"), Decimal(-2), Decimal("0.001")]),
    "duration": (models.DurationField(), [timedelta(days=400, microseconds=1), timedelta(0), -timedelta(seconds=1)]),
    "email": (models.EmailField(), ["a@example.com", "b@example.com", ""]),
    "file": (models.FileField(), ["a/b.txt", "c.txt", ""]),
    "fixed": (FixedField(max_length=3), ["abc", "def", "a%s"]),
    "float": (models.FloatField(), [1.5, -0.0, 1e300]),
    "address": (models.GenericIPAddressField(), ["192.0.2.1", "2001:db8::1", "10.0.0.1"]),
    "integer": (models.IntegerField(), [2**31 - 1, -1, 70000]),
    "json": (models.JSONField(), [{"a": [1, None]}, "text", []]),
    "json that Python finds equal": (models.JSONField(), [{"a": 1}, {"a": True}, {"a": 1.0}]),
    "moment": (models.DateTimeField(), [MOMENT, MOMENT + timedelta(microseconds=1), MOMENT - timedelta(days=9999)]),
    "nothing": (models.IntegerField(null=True), [None, None, None]),
    "slug": (models.SlugField(), ["a-b", "c", ""]),
    "small": (models.PositiveSmallIntegerField(), [0, 1, 32767]),
    "some": (models.CharField(max_length=5, null=True), [None, "a", None]),
    "text": (models.TextField(), ["a\nb\t€", "", "💥"]),
    "time": (models.TimeField(), [time(12, 30, 1, 5), time(0), time(23, 59)]),
    "uuid": (models.UUIDField(), [uuid.UUID(int=number) for number in (1, 2**127, 3)]),
}


@pytest.fixture(params=FIELDS)
def kind(request, db):
    """A model with one field of a kind beside its key, and three values of it."""
    field, values = FIELDS[request.param]
    with isolate_apps("users"):
        model = type("Kind", (models.Model,), {"__module__": __name__, "Meta": Meta, "value": field.clone()})
        sql, params = connection.schema_editor().table_sql(model)
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
        yield model, values


class Meta:
    app_label = "user_lifecycle"


def saved(model):
    return list(model._base_manager.order_by("pk").values_list("value", flat=True))


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_a_value_of_any_kind_comes_back_as_it_went(receive, kind, count):
    model, values = kind
    people = [make_user(f"person{number}") for number in range(count)]
    values = iter(values)
    receive(post_transition, lambda **kwargs: lifecycle.write_along(model(value=next(values))))

    UserFSM.objects.filter(user__in=people).bulk_transition("lock")

    assert saved(model) == kind[1][:count]


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["json that Python finds equal"], indirect=True)
def test_values_that_only_python_finds_equal_stay_what_they_are(receive, kind):
    model, values = kind
    people = [make_user(f"person{number}") for number in range(3)]
    rows = (model(value=value) for value in values)
    receive(post_transition, lambda **kwargs: lifecycle.write_along(next(rows)))

    UserFSM.objects.filter(user__in=people).bulk_transition("lock")

    assert repr(saved(model)) == repr(values)


@pytest.mark.django_db
def test_a_value_of_any_kind_that_is_the_same_in_each_row_comes_back_in_each(receive, kind):
    model, values = kind
    people = [make_user(f"person{number}") for number in range(3)]
    receive(post_transition, lambda **kwargs: lifecycle.write_along(model(value=values[0])))

    UserFSM.objects.filter(user__in=people).bulk_transition("lock")

    assert saved(model) == [values[0]] * 3


def test_every_text_of_a_record_is_sent_without_preparation():
    texts = [
        each for each in UserStateAudit._meta.concrete_fields if isinstance(each, (models.CharField, models.TextField))
    ]

    assert texts
    assert not [each.name for each in texts if type(each) not in SENT_AS_THEY_ARE]
