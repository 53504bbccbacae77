import pytest
from django.core.checks import run_checks
from django.db import connection

from users.checks import pooler
from users.checks.pooler import check_a_pooler_knows_prepared_statements

pytestmark = pytest.mark.django_db
POSTGRESQL = pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL has poolers")


def ids():
    return [each.id for each in check_a_pooler_knows_prepared_statements(None, databases=["default"])]


def test_without_a_pooler_there_is_no_warning():
    assert ids() == []
    assert "users.W040" not in [each.id for each in run_checks(databases=["default"])]


@POSTGRESQL
def test_a_pooler_in_front_of_prepared_statements_is_warned_of(monkeypatch):
    # A real one is in tests/topology.
    monkeypatch.setattr(pooler, "_is_behind_a_pooler", lambda alias: True)
    assert ids() == ["users.W040"]

    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "prepare_threshold", None)
    assert ids() == []
