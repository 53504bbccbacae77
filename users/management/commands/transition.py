"""Bulk transitions from the shell."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections import defaultdict
from typing import Any

from django.contrib.auth.models import Group
from django.core.management.base import CommandError
from django.db import connections, router
from django.db.models import Count

from users.actors import By
from users.lifecycle import Refusal
from users.management import acting
from users.management.progress import progress, up_to
from users.management.reporting import WITHOUT_WAY_IN, ReportingCommand, in_accounts
from users.models import UserFSM
from users.models.querysets import BulkOutcome, UserFSMQuerySet
from users.operations.sparing import bulk_but_the_last, left_by
from users.operations.transitioning import opened_without_way_in
from users.rows.user_model import has_field
from users.states import State

ASK_BEFORE_MORE_THAN = 100


class Command(ReportingCommand):
    """Make a transition of many accounts. The actor is `--by`, or `CLI`."""

    help = "Makes a transition of all selected accounts, and reports those that were refused."

    def add_arguments(self, parser: ArgumentParser) -> None:
        names = sorted({transition.name for transition in UserFSM.transitions()})
        parser.add_argument("name", choices=names, help="the transition")
        parser.add_argument("--state", choices=State.values, help="accounts in this state")
        parser.add_argument("--group", help="accounts of the users in this group")
        parser.add_argument("--username", nargs="+", default=[], help="accounts of these users")
        parser.add_argument("--description", required=True, help="the reason, for the record")
        acting.add_by(parser)
        parser.add_argument("--dry-run", action="store_true", help="only show what would be done")
        parser.add_argument("--yes", action="store_true", help=f"do not ask before more than {ASK_BEFORE_MORE_THAN}")
        parser.add_argument(
            "--batch-size", type=_positive, help="accounts per transaction (default: USERS_BULK_BATCH_SIZE)"
        )
        parser.add_argument(
            "--even-the-last-superuser", action="store_true", help="also close the account of the last active superuser"
        )
        home = router.db_for_write(UserFSM)
        parser.add_argument("--database", default=home, choices=tuple(connections), help="its alias")

    def handle(self, *, name: str, dry_run: bool, yes: bool, **options: Any) -> None:
        """
        Raise `CommandError` without a selection or confirmation, when interrupted, and if everybody was refused.

        A dry run fails wherever the real run would.
        """
        accounts = self.select(**options)
        if dry_run:
            self.announce(accounts, name, **options)
            return
        self.tell_of_those_without_a_way_in(accounts, name)
        count = accounts.count()
        if count > ASK_BEFORE_MORE_THAN and not yes:
            self.ask(name, count)
        by = acting.actor(options.pop("by"), using=options["database"], stderr=self.stderr)
        outcome, spared = self.carry_out(accounts, name, count, by=by, **options)
        self.report(
            f"{name}: {in_accounts(outcome.changed)}",
            transition=name,
            dry_run=False,
            changed=outcome.changed,
            refused=[{"username": refusal.username, "state": refusal.state} for refusal in outcome.refused],
            left=_left(spared),
        )
        self.tell_refusals(outcome.refused)
        self.fail_if_left(spared)
        if outcome.refused and not outcome.changed:
            raise CommandError("everybody was refused")

    def fail_if_left(self, spared: dict[str, str]) -> None:
        """Raise `CommandError` if somebody has to stay active."""
        if spared:
            left = "; ".join(f"{username}, {reason}" for username, reason in spared.items())
            raise CommandError(f"left as it is: {left}. --even-the-last-superuser includes it")

    def select(
        self, *, state: str | None, group: str | None, username: list[str], database: str, **options: Any
    ) -> UserFSMQuerySet:
        """Return the accounts that match all options. Without any option, refuse instead of taking all accounts."""
        if not (state or group or username):
            raise CommandError("select accounts by --state, --group, --username, or several of them")
        accounts = UserFSM.objects.using(database)
        if state:
            accounts = accounts.in_state(State(state))
        if group:
            if not has_field("groups"):
                raise CommandError("the user model has no groups")
            if not Group.objects.using(database).filter(name=group).exists():
                raise CommandError(f"there is no group {group!r}")
            accounts = accounts.filter(user__groups__name=group)
        if username:
            accounts = accounts.filter(user__in=acting.people(username, using=database))
        return accounts

    def announce(self, accounts: UserFSMQuerySet, name: str, *, even_the_last_superuser: bool, **options: Any) -> None:
        """Show how many accounts would make the transition, and how many would be refused."""
        sources = UserFSM.sources_of(name)
        counts = dict(accounts.order_by().values_list("current_state").annotate(Count("pk", distinct=True)))
        for state, count in counts.items():
            would = "would" if state in sources else "would not"
            self.report(f"{would} {name}: {in_accounts(count)} in the state {state}")
        spared = {} if even_the_last_superuser else left_by(name, accounts)
        would_change = sum(count for state, count in counts.items() if state in sources) - len(spared)
        self.add_fact(transition=name, dry_run=True, would_change=would_change, states=counts, left=_left(spared))
        self.tell_of_those_without_a_way_in(accounts, name)
        self.fail_if_left(spared)
        if counts and not counts.keys() & set(sources):
            raise CommandError("everybody would be refused")

    def ask(self, name: str, count: int) -> None:
        """Raise `CommandError` unless somebody at the terminal confirms."""
        if not sys.stdin.isatty():
            raise CommandError(f"{name} of {in_accounts(count)} needs --yes without a terminal")
        # Not by `input`, which would write the question to a standard output that is a file.
        self.stderr.write(f"{name}: {in_accounts(count)}. Go on? [y/N] ", str, ending="")
        self.stderr.flush()
        if input().strip().lower() not in {"y", "yes"}:
            raise CommandError("nothing was changed")

    def carry_out(
        self,
        accounts: UserFSMQuerySet,
        name: str,
        count: int,
        *,
        by: By,
        description: str,
        batch_size: int | None,
        even_the_last_superuser: bool,
        **options: Any,
    ) -> tuple[BulkOutcome, dict[str, str]]:
        """Make the transition, with a progress bar on a terminal; return the accounts that were left, and why."""
        words: dict[str, Any] = {"by": by, "description": description, "batch_size": batch_size}
        with progress(count, name=name, unit="accounts") as bar:
            words["on_progress"] = up_to(bar)
            try:
                if even_the_last_superuser:
                    return accounts.bulk_transition(name, **words), {}
                return bulk_but_the_last(name, accounts, **words)
            except KeyboardInterrupt:
                raise CommandError(
                    "interrupted; the completed batches stand, run the command again for the rest"
                ) from None

    def tell_of_those_without_a_way_in(self, accounts: UserFSMQuerySet, name: str) -> None:
        """Warn of accounts that are opened although their people have neither a password nor an address to get one."""
        if count := opened_without_way_in(name, accounts):
            self.add_fact(without_way_in=count)
            self.stderr.write(WITHOUT_WAY_IN % in_accounts(count))

    def tell_refusals(self, refused: list[Refusal]) -> None:
        """Print one line for each state that refused, with its users."""
        names = defaultdict(list)
        for refusal in refused:
            names[refusal.state].append(refusal.username)
        for state, usernames in names.items():
            self.stderr.write(f"refused, being {state}: {', '.join(usernames)}")


def _left(spared: dict[str, str]) -> list[dict[str, str]]:
    return [{"username": username, "reason": reason} for username, reason in spared.items()]


def _positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise ArgumentTypeError("a number above 0")
    return int(text)
