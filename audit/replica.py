"""The database for pages that only show the audit trail: a standby if there is one, with the time of its data."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextvars import ContextVar
from datetime import datetime
from functools import wraps
from typing import NamedTuple, ParamSpec, TypeVar
from weakref import WeakSet

from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections, router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import HttpResponseBase
from django.template.response import TemplateResponse

from audit.conf import conf
from audit.integrity.kept.place import here
from audit.integrity.signed.facts import is_outage
from audit.models import RecordRead, RefusedTransition, SchedulingNote, UserStateAudit
from audit.recording import reads

logger = logging.getLogger("user_audit")  # the logger `audit` is the journal's

P = ParamSpec("P")
Page = TypeVar("Page", bound=HttpResponseBase)

_migrated: WeakSet[BaseDatabaseWrapper] = WeakSet()


class Place(NamedTuple):
    """A database, and the moment up to which it has all commits; None for the primary."""

    using: str
    as_of: datetime | None = None


_chosen: ContextVar[list[Place] | None] = ContextVar("the place of the page that is being made", default=None)
"""The list is empty until the page first asks. All of its rows come from one place."""


def place() -> Place:
    """
    Return the database to read from: the standby, or the primary if the standby does not answer or lacks our tables.

    It is the primary too if the replica is no standby, such as the primary of before a failover, or has replayed
    nothing yet. Such a database cannot say up to which moment it has everything. Ask before reading, because what a
    standby says later is not true of rows that were read before.
    """
    chosen = _chosen.get()
    if chosen is None:
        return _found()
    if not chosen:
        chosen.append(_found())
    return chosen[0]


def _found() -> Place:
    alias = conf.replica
    if alias is not None and alias in connections:
        try:
            there = here(alias)
            if there.is_standby and there.replayed:
                _refuse_other_tables(alias)
                return Place(alias, there.replayed)
            logger.warning("the replica is no standby that replays, so the primary is read: %s", there)
        except (DatabaseError, InterfaceError) as error:
            connections[alias].close()
            logger.warning("the replica cannot be read, so the primary is: %s", error)
    return _primary()


def _primary() -> Place:
    return Place(router.db_for_write(UserStateAudit) or DEFAULT_DB_ALIAS)


def or_primary(view: Callable[P, Page]) -> Callable[P, Page]:
    """
    Decorate a view that only shows: it is made again from the primary if the replica fails in the middle.

    A standby cancels a query for which its replay would have to wait. Readings are noted once the page is made.
    """

    @wraps(view)
    def shown(*args: P.args, **kwargs: P.kwargs) -> Page:
        if conf.replica is None or _chosen.get() is not None:
            return view(*args, **kwargs)
        try:
            page, notes = _made(view, [], *args, **kwargs)
        except (DatabaseError, InterfaceError) as error:
            if not is_outage(error):
                raise
            logger.warning("the replica failed, so the page is read from the primary: %s", error)
            page, notes = _made(view, [_primary()], *args, **kwargs)
        reads.keep(notes)
        return page

    return shown


def _made(
    view: Callable[P, Page], chosen: list[Place], /, *args: P.args, **kwargs: P.kwargs
) -> tuple[Page, list[RecordRead]]:
    """Return a page that has made all of its queries, also those of its template, and the notes of who reads it."""
    token = _chosen.set(chosen)
    try:
        with reads.held_back() as notes:
            page = view(*args, **kwargs)
            if isinstance(page, TemplateResponse):
                page.render()
        return page, notes
    finally:
        _chosen.reset(token)


def _refuse_other_tables(alias: str) -> None:
    """Raise `DatabaseError` where migrations have not arrived yet; once they have, they stay."""
    connection = connections[alias]
    if connection not in _migrated:
        for model in (UserStateAudit, RefusedTransition, RecordRead, SchedulingNote):
            model._base_manager.using(alias).filter(pk=0).first()
        _migrated.add(connection)
