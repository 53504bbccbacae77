"""A link is used while something else happens to its account, on PostgreSQL, where both are under way at once."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.db import connections, transaction

from tests.factories import make_user
from tests.threads import TIMEOUT, at_once, wait_until_blocking
from users import invitations
from users.exceptions import InvitationNotValid
from users.links import password
from users.login.recovery import unlock_link
from users.models import UserFSM

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        "connections['default'].vendor != 'postgresql'", reason="SQLite lets one transaction write at a time"
    ),
]

PEOPLE = 20


def invitation():
    user = UserFSM.objects.invite(email="ada@example.com", username="ada", by="system")
    return partial(invitations.accept, invitations.link(user.fsm).rstrip("/").rsplit("/", 1)[1], "battery staple")


def unlock():
    user = make_user("ada", email="ada@example.com", password="correct horse")
    for _ in range(5):
        authenticate(username="ada", password="wrong")
    return partial(unlock_link.use, unlock_link.make(UserFSM.objects.get(user=user)))


def reset():
    user = User.objects.get(pk=make_user("ada", email="ada@example.com", password="correct horse").pk)
    return partial(password.use, user, password.tokens.make_token(user), "battery staple")


def change_address(user):
    user.email = "new@example.com"
    user.save()


def close(user):
    user.fsm.deactivate(by="system")


def change_password(user):
    user.set_password("chosen meanwhile")
    user.save()


def refused(outcome):
    return outcome is None or isinstance(outcome, InvitationNotValid)


def use_while_under_way(use, change, hold):
    """What comes of a link that is used when this change is under way, and waits for its commit."""

    def used():
        with closing(connections["default"]):
            return use()

    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            user = User.objects.get()
            hold(user)
            change(user)
            later = threads.submit(used)
            wait_until_blocking()
        try:
            return later.result(TIMEOUT)
        except InvitationNotValid as error:
            return error


def account(user):
    UserFSM.objects.select_for_update().get(user=user)


def nothing(user):
    pass


@pytest.mark.parametrize("link", [invitation, unlock, reset])
@pytest.mark.parametrize(
    ("change", "hold"),
    [(change_address, account), (change_address, nothing), (close, nothing)],
    ids=["address, while the account is locked", "address", "state"],
)
def test_a_link_that_waits_for_a_change_is_refused_after_it(link, change, hold):
    outcome = use_while_under_way(link(), change, hold)

    assert refused(outcome), outcome
    assert not User.objects.get().check_password("battery staple")


def test_a_link_that_waits_for_a_new_password_does_not_set_another():
    assert refused(use_while_under_way(reset(), change_password, nothing))
    assert User.objects.get().check_password("chosen meanwhile")


@pytest.mark.parametrize("link", [invitation, unlock, reset])
def test_of_many_who_use_a_link_at_once_one_does(link):
    use = link()

    outcomes = at_once(*[use] * PEOPLE)

    assert sum(map(refused, outcomes)) == PEOPLE - 1, outcomes
