"""Bulk transitions that spare the last active superuser, for commands and cron."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.db import transaction

from users.models import UserFSM
from users.models.querysets import BulkOutcome, UserFSMQuerySet
from users.operations import superusers
from users.operations.superusers import Protected
from users.rows.user_model import login_name


def bulk_but_the_last(
    name: str,
    accounts: UserFSMQuerySet,
    *,
    on_progress: Callable[[int], None] | None = None,
    **options: Any,
) -> tuple[BulkOutcome, dict[str, str]]:
    """
    Make the transition `name` for these accounts, except those that must stay active by the rule in `superusers.py`.

    Return the outcome, and the usernames of those that stay, each with the reason. The options are those of
    `bulk_transition`.
    """
    options.setdefault("correlation_id", uuid.uuid4().hex)
    using = accounts.db
    outcome, spared = _move_protected(name, accounts.filter(superusers.accounts_of(using)), options)
    seen = outcome.changed + len(outcome.refused) + len(spared)

    def progress(number: int) -> None:
        if on_progress:
            on_progress(seen + number)

    rest = accounts.exclude(superusers.accounts_of(using)).bulk_transition(name, on_progress=progress, **options)
    outcome.changed += rest.changed
    outcome.refused += rest.refused
    return outcome, spared


def left_by(name: str, accounts: UserFSMQuerySet) -> dict[str, str]:
    """Return whom `bulk_but_the_last` would leave as they are now, each with the reason. Nothing is changed."""
    using = accounts.db
    protected = accounts.filter(superusers.accounts_of(using))
    return _by_username(_last_of(name, _states(protected), Protected.read(using=using)), using)


def _move_protected(
    name: str, accounts: UserFSMQuerySet, options: dict[str, Any]
) -> tuple[BulkOutcome, dict[str, str]]:
    using = accounts.db
    with transaction.atomic(using=using):
        protected = Protected.read(using=using, lock=True)
        states = _states(accounts)
        last = _last_of(name, states, protected)
        if not (keys := states.keys() - last.keys()):
            return BulkOutcome(), _by_username(last, using)
        outcome = UserFSM.objects.using(using).filter(pk__in=keys).bulk_transition(name, **options)
    return outcome, _by_username(last, using)


def _states(accounts: UserFSMQuerySet) -> dict[Any, str]:
    return dict(accounts.order_by("pk").values_list("pk", "current_state"))


def _last_of(name: str, states: dict[Any, str], protected: Protected) -> dict[Any, str]:
    sources = UserFSM.sources_of(name)
    moved = [pk for pk, state in states.items() if state in sources]
    return protected.last_of(moved) if superusers.shuts(name) else {}


def _by_username(reasons: dict[Any, str], using: str) -> dict[str, str]:
    accounts = UserFSM.objects.using(using).filter(pk__in=reasons).select_related("user")
    return {login_name(fsm.user): reasons[fsm.pk] for fsm in accounts}
