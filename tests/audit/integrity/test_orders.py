"""Retention, an erasure, a restore and a declaration in each order; the site works in between."""

import logging
from io import StringIO
from itertools import permutations
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from audit.integrity.kept import journal
from tests.audit.integrity.restoring import Backup
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)

ORDERS = list(permutations(("prune", "erase", "restore", "declare")))


class Site:
    """A site whose checkpoints, journal and archive are kept elsewhere."""

    def __init__(self, folder: Path) -> None:
        self.vault, self.archive = folder / "vault", folder / "2020.gz"
        self.journal = folder / "journal"
        self.backup: Backup | None = None

    def work(self) -> None:
        """A lock and an unlock of each, and the hour's checkpoint."""
        for person in User.objects.order_by("pk"):
            person.fsm.lock(by="eve", description="at night")
            person.fsm.unlock(by="eve")
        self.checkpoint()

    def checkpoint(self, **options: object) -> None:
        with self.vault.open("a") as file:
            call_command("audit_checkpoint", stdout=file, **options)

    def prune(self) -> None:
        call_command("audit_prune", before="2021-01-01", archive=self.archive, stdout=StringIO())

    def erase(self) -> None:
        call_command("audit_erase", "ada", reason="asked for", stdout=StringIO())

    def restore(self) -> None:
        assert self.backup
        self.backup.restore()

    def declare(self) -> None:
        files = {"checkpoint": [self.vault], "journal": [self.journal]}
        call_command("audit_declare_loss", reason="restored", stdout=StringIO(), **files)


@pytest.fixture
def site(transactional_db, tmp_path, time_machine):
    """Records of 2020 and 2022, a backup between two of them, and what was done after it."""
    site = Site(tmp_path)
    handler = logging.FileHandler(site.journal)
    journal.logger.addHandler(handler)
    time_machine.move_to("2020-05-01")
    for name in ("ada", "bob"):
        make_user(name)
    site.work()
    time_machine.move_to("2022-05-01")
    site.work()
    site.backup = Backup()
    site.work()
    site.work()
    time_machine.move_to("2026-05-01")
    yield site
    site.backup.discard()
    journal.logger.removeHandler(handler)
    handler.close()


def verify_with_all(site, verify):
    return verify(checkpoint=[str(site.vault)], journal=[str(site.journal)])


def undeclared(outcome):
    return {each["kind"] for each in outcome.findings if "declared" not in each}


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_a_loss_by_a_restore_is_found_until_it_is_declared(site, verify, order):
    lost = False
    for what in order:
        if what == "declare" and not lost:
            with pytest.raises(CommandError, match="nothing was found"):
                site.declare()
        else:
            getattr(site, what)()
        lost = what == "restore" or (lost and what != "declare")
        site.work()

        assert undeclared(verify_with_all(site, verify)) == ({"checkpoint", "journal"} if lost else set())

    if lost:
        site.declare()
    site.prune()  # again, where the backup knew nothing of it
    site.work()
    site.checkpoint(after=[site.vault])
    assert undeclared(verify_with_all(site, verify)) == set()
    assert verify(archive=[str(site.archive)]).exit_code == 0
