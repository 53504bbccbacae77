import pytest
from django.contrib.auth.models import User

from tests.factories import make_user
from users.models import UserFSM


@pytest.fixture
def people(db) -> list[User]:
    """Ada, Bob and Cyd, each with five records: activated, locked, unlocked, locked, unlocked."""
    people = [make_user(name) for name in ("ada", "bob", "cyd")]
    for transition in ("lock", "unlock") * 2:
        UserFSM.objects.bulk_transition(transition, by="system", description="at night")
    return people
