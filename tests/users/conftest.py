"""Fixtures for the tests of the lifecycle."""

from typing import Any

import pytest
from django_fsm.signals import post_transition, pre_transition

from users.exceptions import TransitionRefused
from users.models import UserFSM


def move_one(fsm: UserFSM, transition: str, **kwargs: Any) -> None:
    getattr(fsm, transition)(**kwargs)


def move_many(fsm: UserFSM, transition: str, **kwargs: Any) -> None:
    outcome = UserFSM.objects.filter(pk=fsm.pk).bulk_transition(transition, **kwargs)
    for refusal in outcome.refused:
        raise TransitionRefused(fsm, username=refusal.username, state=refusal.state, transition=transition)


@pytest.fixture(params=[move_one, move_many], ids=["single", "bulk"])
def move(request):
    """Makes a transition: `move(fsm, "lock", by="system")`, by the method and by `bulk_transition`."""
    return request.param


@pytest.fixture
def receive():
    """Connects a receiver to a signal of django-fsm's for the length of a test."""
    connected = []

    def connect(signal, receiver, sender=UserFSM):
        signal.connect(receiver, sender=sender, weak=False)
        connected.append((signal, receiver, sender))

    yield connect
    for signal, receiver, sender in connected:
        signal.disconnect(receiver, sender=sender)


@pytest.fixture(params=[pre_transition, post_transition], ids=["pre_transition", "post_transition"])
def signal(request):
    """Both of django-fsm's signals, one after the other."""
    return request.param
