"""Debug tools show the SQL of a transition with its values, prepared or not."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import make_user
from users.models import UserFSM


@pytest.mark.django_db
def test_every_statement_of_a_transition_is_shown_with_its_values(move):
    fsm = make_user("ada").fsm

    for transition in ("lock", "unlock", "lock", "unlock", "lock", "unlock", "lock"):
        with CaptureQueriesContext(connection) as shown:
            move(fsm, transition, by="system", description="shown in debug tools")

        texts = [query["sql"] for query in shown]
        assert all(isinstance(text, str) for text in texts), texts
        assert any("shown in debug tools" in text for text in texts), texts


@pytest.mark.django_db
def test_every_statement_of_many_transitions_is_shown():
    keys = [make_user(f"ada{number}").fsm.pk for number in range(3)]

    with CaptureQueriesContext(connection) as shown:
        UserFSM.objects.filter(pk__in=keys).bulk_transition("lock", by="system", description="shown in debug tools")

    texts = [query["sql"] for query in shown]
    assert all(isinstance(text, str) for text in texts), texts
    assert any("user_audit_userstateaudit" in text for text in texts), texts
