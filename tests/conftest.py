"""Fixtures for every test."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import translation
from django_fsm.signals import post_transition, pre_transition

from tests.factories import make_superuser
from tests.servers.emptying import django_db_setup  # noqa: F401 - a fixture
from users.exceptions import TransitionRefused
from users.models import UserFSM


@pytest.fixture(autouse=True)
def _english():
    """What a request of the test before made the language of the thread ends with it."""
    with translation.override("en"):
        yield


@pytest.fixture
def admin(client):
    """A superuser, as whom `client` is logged in."""
    admin = make_superuser("admin")
    client.force_login(admin)
    return admin


@pytest.fixture
def database_url(transactional_db: None) -> str:
    """The URL of the test database, for another process, which sees what a test commits: hence `transactional_db`."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return f"postgresql://{connection.settings_dict['USER']}@/{name}?host={connection.settings_dict['OPTIONS']['host']}"


@pytest.fixture
def own_database_url(tmp_path: Path, transactional_db: None) -> Iterator[str]:
    """The URL of an empty database for another project, on the server of the test run; it goes with the test."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path / 'own.sqlite3'}"
        return
    with connection.cursor() as cursor:
        name = f"own_{os.getpid()}"  # the processes of a run share the server
        cursor.execute(f"CREATE DATABASE {name}")
        yield f"postgresql://{connection.settings_dict['USER']}@/{name}?host={connection.settings_dict['OPTIONS']['host']}"
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def environment(database_url: str) -> dict[str, str]:
    """The environment of another process that works on the test database, under the settings of the tests."""
    return {"PATH": os.environ["PATH"], "DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": "tests.settings"}


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
