"""
Login sessions, and how they end.

A session holds a random token. The token's row (`LoginSession`) notes the account's version at login. Every transition
raises the version, and none leads from `active` to `active`. A session with the account's current version therefore
began after the account last became active. Leaving `active` ends all sessions with its commit, whichever session engine
stores them. Nothing has to be found or deleted, no ended session revives, and a rollback ends none.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from contextlib import nullcontext
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib import auth
from django.contrib.auth.models import AnonymousUser
from django.db import router, transaction
from django.db.models import Exists, F, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from users.database.compiled_updates import Parameter
from users.input.address import client_address
from users.input.text import storable
from users.models import LoginSession, UserFSM
from users.models.login_session import USER_AGENT_LENGTH
from users.sessions import finding, switched
from users.states import State

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

TOKEN_KEY = "_users_login"  # noqa: S105 - the name under which the session holds it

SEEN_EVERY = timedelta(minutes=5)
"""`LoginSession.last_seen` is written at most once in this time, or in a tenth of the session's age if that is less."""


class Draft(NamedTuple):
    """A row of a session that is about to begin."""

    token: str
    row: LoginSession
    """Not inserted yet, so that it can be inserted together with the notes of the login."""


def user_of(request: HttpRequest) -> User | AnonymousUser:
    """
    Return the logged-in user, as Django's `get_user` does.

    This is an anonymous user if the session has been ended or the account is not active.
    """
    token = request.session.get(TOKEN_KEY)
    with finding.together_with(_digest(token)) if token else nullcontext() as wanted:
        user = auth.get_user(request)
    if wanted is not None:
        _keep(request, wanted.row)
    if (wanted and wanted.is_missing) or (user.is_authenticated and not _is_live(request, user)):
        request.session.flush()
        return AnonymousUser()
    return user


def in_use() -> Q:
    """Select the sessions whose cookie has not expired."""
    now = timezone.now()
    return _in_use(now, _oldest(now))


def open_sessions(user: User) -> QuerySet[LoginSession]:
    """Return the sessions in which this user is logged in now, the most recently used first."""
    now_valid = Q(user__fsm__current_state=State.ACTIVE, version=F("user__fsm__version"))
    # After a rotation of SECRET_KEY, sessions that have not been used since are still live by its fallbacks.
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    sessions = LoginSession.objects.filter(user=user, auth_hash__in=hashes)
    return sessions.filter(now_valid & in_use()).order_by("-last_seen", "-pk")


def current(request: HttpRequest) -> LoginSession | None:
    """Return the row of the session that sent this request. It may have come with the user."""
    token = request.session.get(TOKEN_KEY)
    if not token:
        return None
    return _kept(request) or LoginSession.objects.filter(digest=_digest(token)).first()


def end(session: LoginSession) -> None:
    """End this session. Its next request is not logged in."""
    session.delete()


def end_all(user: User, *, but: LoginSession | None = None) -> int:
    """End all sessions of this user, except `but`, and return how many rows were deleted."""
    sessions = LoginSession.objects.filter(user=user)
    ended, _ = (sessions.exclude(pk=but.pk) if but else sessions).delete()
    return ended


def end_all_of(users: Collection[User]) -> set[Any]:
    """End all sessions of these users at once, and return the keys of those who had any."""
    sessions = LoginSession.objects.filter(user__in=[user.pk for user in users])
    with transaction.atomic(using=router.db_for_write(LoginSession)):
        # Locked, so that of two administrators at the same moment one is told that the other was faster.
        had = set(sessions.select_for_update().values_list("user_id", flat=True))
        LoginSession.objects.filter(user__in=had).delete()
    return had


def any_ended() -> Exists:
    """
    Return the condition that an account has sessions that have ended by themselves, with a version or their cookie.

    It is for a prepared statement, with the values of `of_account` among its parameters.
    """
    user, version = (Parameter.of(LoginSession, name) for name in ("user", "version"))
    now, oldest = (Parameter.of(LoginSession, "last_seen", name) for name in ("now", "oldest"))
    return Exists(_ended(user, version, now, oldest))


def of_account(fsm: UserFSM, now: datetime) -> dict[str, Any]:
    """Return the parameters of `any_ended`."""
    return {"user": fsm.user_id, "version": fsm.version, "now": now, "oldest": _oldest(now)}


def clear_ended(fsm: UserFSM) -> None:
    """Delete the rows of this account's sessions that have ended by themselves."""
    _ended(**of_account(fsm, timezone.now())).delete()


def drafted(request: HttpRequest, user: User, *, version: int) -> Draft | None:
    """
    Return a row for the session in which Django has just logged this user in, or None if there is no such session.

    Packages announce the issue of a token as a login too, which no session holds. `version` is that of the account,
    read while it was active.
    """
    if not _holds(request, user):
        return None
    forget(request)
    token = secrets.token_urlsafe()
    row = LoginSession(
        user=user,
        version=version,
        digest=_digest(token),
        auth_hash=user.get_session_auth_hash(),
        expires=_expires(request),
        ip_address=client_address(request),
        user_agent=storable(request.headers.get("User-Agent", ""), USER_AGENT_LENGTH),
    )
    return Draft(token, row)


def begin(request: HttpRequest, draft: Draft) -> None:
    """Let the session have the row that was drafted for it, and inserted since."""
    request.session[TOKEN_KEY] = draft.token
    _keep(request, draft.row)


def turn_away(request: HttpRequest, user: User) -> None:
    """
    Undo the login of this user that Django has just made in this request, which is nobody's from here on.

    A backend or a view may log people in without asking for the state, and would do so at each request.
    """
    if _holds(request, user):
        request.session.flush()
        request.user = AnonymousUser()
        request.auser = _nobody  # Django 6.1 has set it to the user as well


async def _nobody() -> AnonymousUser:
    return AnonymousUser()


def follow(request: HttpRequest) -> None:
    """
    Delete the row of a session with the session.

    Before Django logs another person in, it flushes the session with its token, and sends no signal.
    """
    session = getattr(request, "session", None)
    if session is None:
        return
    flush, aflush = session.flush, session.aflush

    def flush_with_row() -> None:
        forget(request)
        flush()

    async def aflush_with_row() -> None:
        await sync_to_async(forget)(request)
        await aflush()

    session.flush, session.aflush = flush_with_row, aflush_with_row


def note_expiry(request: HttpRequest) -> None:
    """Note the expiry of the session in which somebody has just logged in, because views may set it after the login."""
    token = request.session.get(TOKEN_KEY) if hasattr(request, "session") else None
    if token and request.session.get_expiry_age() != settings.SESSION_COOKIE_AGE:
        LoginSession.objects.filter(digest=_digest(token)).update(expires=_expires(request))


def forget(request: HttpRequest) -> None:
    """Delete the row of the session that sent this request, as at logout."""
    token = request.session.pop(TOKEN_KEY, None) if hasattr(request, "session") else None
    if not token:
        return
    if row := _kept(request):
        row.delete()
        _keep(request, None)
    else:
        LoginSession.objects.filter(digest=_digest(token)).delete()


def _holds(request: HttpRequest, user: User) -> bool:
    """Whether this user is logged in by the session of the request."""
    session = getattr(request, "session", None)
    return session is not None and session.get(auth.SESSION_KEY) == user._meta.pk.value_to_string(user)


def _is_live(request: HttpRequest, user: User) -> bool:
    # Checked again here: a session may come from the backend of another package, which does not ask the state.
    session = current(request) if user.fsm.current_state == State.ACTIVE else None
    if session is None or session.user_id != user.pk or session.version != user.fsm.version:
        return False
    if not switched.all_active(switched.sitting_in(request)):
        return False
    _note_use(request, session, user.get_session_auth_hash())
    return True


def _note_use(request: HttpRequest, session: LoginSession, auth_hash: str) -> None:
    now, age = timezone.now(), timedelta(seconds=request.session.get_expiry_age())
    expires = now + age
    # Django has accepted the password's hash, so a new hash means that the password was changed in this very session.
    if (
        now - session.last_seen >= SEEN_EVERY
        or session.auth_hash != auth_hash
        or session.expires is None
        or abs(session.expires - expires) > min(SEEN_EVERY, age / 10)
    ):
        row = LoginSession.objects.filter(pk=session.pk)
        row.update(last_seen=now, auth_hash=auth_hash, expires=expires)


def _in_use(now: Any, oldest: Any) -> Q:
    return Q(expires__gt=now) | Q(expires=None, last_seen__gte=oldest)


def _ended(user: Any, version: Any, now: Any, oldest: Any) -> QuerySet[LoginSession]:
    return LoginSession.objects.filter(user=user).exclude(_in_use(now, oldest), version=version)


def _oldest(now: datetime) -> datetime:
    """Return the time before which the last use of an ended session of the default age was."""
    return now - timedelta(seconds=settings.SESSION_COOKIE_AGE)


def _keep(request: HttpRequest, row: LoginSession | None) -> None:
    # With the session, because other packages wrap the request.
    request.session._users_login_session = row  # type: ignore[attr-defined]  # noqa: SLF001


def _kept(request: HttpRequest) -> LoginSession | None:
    return getattr(request.session, "_users_login_session", None)


def _expires(request: HttpRequest) -> datetime:
    return timezone.now() + timedelta(seconds=request.session.get_expiry_age())


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
