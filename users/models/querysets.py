"""Querysets of accounts, and bulk transitions."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from django.core.exceptions import EmptyResultSet
from django.db import models

from users import lifecycle
from users.actors import By
from users.causes import Cause
from users.conf import conf
from users.exceptions import ProtectedColumn
from users.lifecycle import Refusal
from users.states import State

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

    from users.models import UserFSM


@dataclass(slots=True)
class BulkOutcome:
    """The result of a bulk transition."""

    changed: int = 0
    """The number of accounts that made the transition."""

    refused: list[Refusal] = field(default_factory=list)
    """The accounts that did not, with their states. They raise no exception."""


class UserFSMQuerySet(models.QuerySet["UserFSM"]):
    """Accounts by state. Columns that only a transition may write cannot be updated here."""

    def in_state(self, state: State | str) -> Self:
        """Select the accounts in this state. Raises `ValueError` for a state that does not exist."""
        if state not in State.values:
            raise ValueError(f"{state!r} is not a state; the states are {', '.join(State.values)}")
        return self.filter(current_state=state)

    def with_expired_lock(self, now: datetime) -> Self:
        """Select the locked accounts whose lock has expired at this time."""
        return self.in_state(State.LOCKED).filter(locked_until__lte=now)

    def with_expired_invitation(self, now: datetime) -> Self:
        """Select the invited accounts whose link has expired at this time."""
        return self.in_state(State.INVITED).filter(invited_at__lte=now - conf.invitation_max_age)

    def invite(
        self,
        *,
        email: str,
        username: str,
        fields: Mapping[str, Any] | None = None,
        by: By = None,
        ends_at: datetime | None = None,
    ) -> User:
        """Create an account and email its invitation; see `users.invitations.invite`."""
        from users import invitations

        return invitations.invite(email=email, username=username, fields=fields, by=by, ends_at=ends_at)

    invite.alters_data = True  # type: ignore[attr-defined]

    def bulk_transition(
        self,
        name: str,
        *,
        by: By = None,
        description: str | None = None,
        cause: Cause = Cause.REQUEST,
        details: Mapping[str, Any] | None = None,
        batch_size: int | None = None,
        on_progress: Callable[[int], None] | None = None,
        correlation_id: str | None = None,
        **kwargs: Any,
    ) -> BulkOutcome:
        """
        Make the transition `name` for every account in this queryset, with the promises of the single method.

        Each batch of `batch_size` accounts (default `USERS_BULK_BATCH_SIZE`) is one transaction, unless the caller has
        opened one. If the call is interrupted, every committed batch is complete, and a second call does the rest.
        `on_progress` is called after each batch with the number of accounts processed so far. Calls with the same
        `correlation_id` share a `request_id` in the record outside a request; by default each call has its own. Further
        keywords go to the transition method. Raises `ValueError` for an unknown transition or cause, and whatever a
        receiver raises.
        """
        if name not in {each.name for each in self.model.transitions()}:
            raise ValueError(f"{name!r} is not a transition of {self.model._meta.label}")
        self._for_write = True  # as Django's own `update` does; `db` then asks the router where to write
        using = self.db
        kwargs |= lifecycle.with_fit_words({"by": by, "description": description, "cause": cause, "details": details})
        outcome, seen, correlation_id = BulkOutcome(), 0, correlation_id or uuid.uuid4().hex
        for pks in _batches_of_keys(self.using(using), batch_size or conf.bulk_batch_size):
            changed, refused = lifecycle.perform_on_batch(
                self.model, pks, name, kwargs, using=using, correlation_id=correlation_id
            )
            outcome.changed += changed
            outcome.refused += refused
            seen += len(pks)
            if on_progress:
                on_progress(seen)
        return outcome

    bulk_transition.alters_data = True  # type: ignore[attr-defined]

    def update(self, **kwargs: Any) -> int:
        """Django's `update`; raises `ProtectedColumn` for what only a transition writes."""
        self._refuse_protected(set(kwargs))
        return super().update(**kwargs)

    def bulk_update(self, objs: Iterable[UserFSM], fields: Iterable[str], batch_size: int | None = None) -> int:
        """Django's `bulk_update`; raises `ProtectedColumn` for what only a transition writes."""
        names = list(fields)  # read twice
        self._refuse_protected(set(names))
        return super().bulk_update(objs, names, batch_size)

    def _refuse_protected(self, names: set[str]) -> None:
        if refused := names & self.model.protected_columns:
            raise ProtectedColumn(refused)


def _batches_of_keys(accounts: UserFSMQuerySet, size: int) -> Iterator[list[Any]]:
    """Yield keys in order, queried batch by batch. Accounts that leave the queryset do not shift the next batch."""
    keys = accounts.values_list("pk", flat=True)
    query = accounts.query
    keeps_its_order = query.is_sliced or query.combinator or query.distinct_fields
    if keeps_its_order or _sends_more_than(size, keys):
        yield from _slices(sorted(set(keys)), size)
        return
    keys = keys.order_by("pk")
    keys.query.standard_ordering = True  # otherwise `reverse()` would reverse this order too
    batch = list(keys[:size])
    while batch:
        yield list(dict.fromkeys(batch))  # a join may name an account twice
        # Nothing comes behind a batch that is not full.
        batch = list(keys.filter(pk__gt=batch[-1])[:size]) if len(batch) == size else []


def _sends_more_than(size: int, keys: models.QuerySet[UserFSM, Any]) -> bool:
    """Whether a query has more parameters than this, such as keys in a list. Each batch would send them again."""
    try:
        _, params = keys.query.get_compiler(keys.db).as_sql()
    except EmptyResultSet:
        return False
    return len(params) > size


def _slices(keys: list[Any], size: int) -> Iterator[list[Any]]:
    for start in range(0, len(keys), size):
        yield keys[start : start + size]
