import random
import threading

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.contrib.sessions.models import Session
from django.db import router

from audit.models import UserStateAudit
from users.checks.routers import check_what_decides_is_read_where_it_is_written
from users.models import UserFSM

DECIDING = [User, UserFSM, Session, Permission, UserStateAudit]


class PrimaryReplica:
    """The router of Django's documentation."""

    def db_for_read(self, model, **hints):
        return random.choice(["replica1", "replica2"])  # noqa: S311 - as in the documentation

    def db_for_write(self, model, **hints):
        return "primary"


class AmongThem(PrimaryReplica):
    """One that counts the primary among the replicas."""

    def db_for_read(self, model, **hints):
        return random.choice(["primary", "replica1"])  # noqa: S311 - as above


class ForInstances(PrimaryReplica):
    """One that reads what belongs to an instance from a replica."""

    def db_for_read(self, model, **hints):
        return "replica1" if "instance" in hints else "primary"


class ByThread(PrimaryReplica):
    """One that lets the threads of a pool read from a replica."""

    def db_for_read(self, model, **hints):
        return "primary" if threading.current_thread() is threading.main_thread() else "replica1"


class ElsewhereForUsers:
    """One that keeps the accounts in a database of their own."""

    def db_for_write(self, model, **hints):
        return "accounts" if model in DECIDING else None

    db_for_read = db_for_write


OURS = "users.routers.StateOnPrimary"


def ids():
    return [each.id for each in check_what_decides_is_read_where_it_is_written(None)]


@pytest.mark.parametrize("other", [PrimaryReplica, AmongThem, ForInstances, ByThread])
def test_a_router_that_reads_from_replicas_is_an_error(settings, other):
    settings.DATABASE_ROUTERS = [other()]
    assert ids() == ["users.E040"]

    settings.DATABASE_ROUTERS = [other(), OURS]
    assert ids() == ["users.E040"]


@pytest.mark.parametrize(
    "routers",
    [
        [],
        [OURS],
        *([OURS, each()] for each in (PrimaryReplica, AmongThem, ForInstances, ByThread, ElsewhereForUsers)),
    ],
)
def test_with_ours_first_there_is_no_error(settings, routers):
    settings.DATABASE_ROUTERS = routers
    assert ids() == []


def test_what_decides_is_read_from_the_primary_and_the_rest_as_the_other_router_says(settings):
    settings.DATABASE_ROUTERS = [OURS, PrimaryReplica()]

    assert {router.db_for_read(model) for model in DECIDING} == {"primary"}
    assert router.db_for_read(LogEntry) in {"replica1", "replica2"}
