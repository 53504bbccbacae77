"""Whether the triggers do what they are for."""

import pytest
from django.db import transaction

from audit import triggers
from audit.exceptions import RefusedByDatabase
from tests.audit.refusals.attempts import run
from tests.factories import make_user
from tests.truth import assert_true_record


def assert_in_force() -> None:
    """Assert that all triggers are there, that one of them refuses, and that a transition goes through."""
    assert triggers.missing("default") == []
    user = make_user()
    with pytest.raises(RefusedByDatabase), transaction.atomic():
        run("UPDATE user_lifecycle_userfsm SET version = 7 WHERE user_id = %(user)s", user=user.pk)
    user.fsm.lock()
    assert_true_record(user)
