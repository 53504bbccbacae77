"""The role that docs/deployment.md makes for the site: it can do what the site does, and no more."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import ProgrammingError, connection, transaction

from audit.models import UserStateAudit
from tests.factories import make_user
from tests.truth import assert_true_record
from users.models import UserFSM
from users.states import State

pytestmark = [
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no roles"),
    pytest.mark.django_db,
]

GUIDE = Path(settings.BASE_DIR, "docs", "deployment.md")


@pytest.fixture
def as_the_site():
    """Run what the guide says, and go on as the role that it makes, until the test's transaction is undone."""
    (sql,) = re.findall(r"```sql\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    database = connection.ops.quote_name(connection.settings_dict["NAME"])

    def go_on():
        with connection.cursor() as cursor:
            cursor.execute(
                sql.replace("DATABASE accounts ", f"DATABASE {database} ").replace("accounts_owner", "CURRENT_USER")
            )
            cursor.execute("SET LOCAL ROLE accounts_site")

    return go_on


def test_the_role_of_the_site_makes_transitions(as_the_site):
    ada, bob = make_user("ada"), make_user("bob")
    as_the_site()

    ada.fsm.lock(by=bob)
    UserFSM.objects.filter(user__in=[ada, bob]).bulk_transition("deactivate", by="system")

    assert [assert_true_record(person).state for person in (ada, bob)] == [State.DEACTIVATED] * 2


@pytest.mark.parametrize(
    "attempt",
    [
        pytest.param(lambda records: records.update(initiated_by="nobody"), id="update"),
        pytest.param(lambda records: records._raw_delete(records.db), id="delete"),
    ],
)
def test_the_role_of_the_site_may_not_touch_a_record(as_the_site, attempt):
    records = UserStateAudit._base_manager.filter(user_id=make_user().pk)
    as_the_site()

    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        attempt(records)


def test_the_role_of_the_site_verifies_the_record(as_the_site, capsys):
    make_user("ada")
    as_the_site()

    call_command("audit_verify")

    assert "findings: 0" in capsys.readouterr().out
