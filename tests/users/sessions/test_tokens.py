"""The receiver that docs/tokens.md gives to copy."""

import sys
from types import ModuleType

import pytest
from django.db import transaction
from django_fsm.signals import post_transition

from tests.abroad.adding import block
from tests.factories import make_user
from users.models import LoginSession, UserFSM

pytestmark = pytest.mark.django_db


@pytest.fixture
def tokens(monkeypatch):
    """Run the page's code with a table in the place of Django REST framework's that has users, too."""
    package = ModuleType("rest_framework.authtoken.models")
    package.Token = LoginSession  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, package.__name__, package)
    namespace: dict[str, object] = {}
    exec(block("End tokens with the account", "tokens.md"), namespace)  # noqa: S102 - the page's own code
    yield LoginSession.objects
    assert post_transition.disconnect(sender=UserFSM, dispatch_uid="end_tokens")


@pytest.fixture
def ada(tokens):
    ada = make_user("ada")
    tokens.create(user=ada, version=1, digest="ada")
    tokens.create(user=make_user("grace"), version=1, digest="grace")
    return ada


@pytest.mark.parametrize("transition_name", ["lock", "deactivate"])
def test_tokens_end_when_the_account_leaves_active_and_do_not_come_back(ada, tokens, move, transition_name):
    move(UserFSM.objects.get(user=ada), transition_name, by="system")
    assert list(tokens.values_list("digest", flat=True)) == ["grace"]


def test_a_rollback_ends_no_token(ada, tokens):
    with transaction.atomic():
        UserFSM.objects.get(user=ada).lock(by="system")
        transaction.set_rollback(True)

    assert tokens.filter(user=ada).exists()
