"""
Superusers and the group `USERS_PROTECTED_GROUP`: who may move them, and which of them must stay active.

THE RULE. At least one superuser stays active, and only superusers may move superusers. The same holds for the group: at
least one member stays active, and only members and superusers may move its members. Everything asks here: the admin
with its form and its deletions, the API, people who leave, dormancy, and commands.

Whoever sets the password of an account, or the address that its links go to, can log in to it. So the same people may
change the fields of a protected user.

The decision is made with all these accounts locked, in the order of their keys. If two superusers leave or lock each
other at the same moment, the second one sees the outcome of the first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from django.contrib.auth import get_user_model
from django.db import connections
from django.db.models import Q
from django.utils.translation import gettext as _

from users.conf import conf
from users.models import UserFSM
from users.rows.user_model import has_field, is_superuser
from users.states import ABOUT, State

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


@dataclass(frozen=True, slots=True)
class Circle:
    """People of whom at least one must stay active. Accounts are identified by the keys of their state rows."""

    group: str
    """The group's name; empty for the superusers."""
    members: frozenset[Any]
    active: frozenset[Any]

    def last_of(self, moved: Collection[Any]) -> Any:
        """Return the account that must stay if these are closed or leave the circle, or None if others are active."""
        among = [pk for pk in moved if pk in self.members]
        if not among or self.active - set(among):
            return None
        return ([pk for pk in among if pk in self.active] or among)[-1]

    @property
    def reason(self) -> str:
        """Why the last account is left as it is."""
        if self.group:
            return _("the last active member of %(group)s") % {"group": self.group}
        return _("the last active superuser")


@dataclass(frozen=True, slots=True)
class Protected:
    """The protected accounts as they are now. Under the lock, they stay so until the transaction ends."""

    superusers: Circle
    group: Circle | None
    active_users: frozenset[Any]
    """The keys of the users with active accounts among these, and of the user `beside`."""

    @classmethod
    def read(cls, *, using: str, lock: bool = False, beside: User | None = None) -> Self:
        """Read them, and with `lock` keep others from moving them, or the user `beside`, until the transaction ends."""
        accounts = UserFSM._base_manager.using(using).filter(accounts_of(using) | Q(user=beside and beside.pk))
        accounts = accounts.order_by("pk")
        if lock and connections[using].features.has_select_for_update:
            # Read afterwards, in a statement of its own: whoever had the lock may have made somebody no superuser, and
            # the statement that waits shows users as they were when it began.
            list(accounts.select_for_update(of=("self",)).values_list("pk"))
        found = list(accounts.select_related("user"))
        members = _members_of_group(using)
        return cls(
            _circle("", (fsm for fsm in found if is_superuser(fsm.user))),
            _circle(conf.protected_group, (fsm for fsm in found if fsm.user_id in members)) if members else None,
            frozenset(fsm.user_id for fsm in found if fsm.current_state == State.ACTIVE),
        )

    def may_move(self, pk: Any, *, by: User) -> bool:
        """Whether this user may make transitions of this account; the permission is asked elsewhere."""
        if is_superuser(by):
            return True
        if pk in self.superusers.members:
            return False
        return self.group is None or pk not in self.group.members or by.fsm.pk in self.group.members

    def last_of(self, moved: Collection[Any]) -> dict[Any, str]:
        """The accounts that have to stay when these are shut, and why."""
        circles = filter(None, (self.superusers, self.group))
        return {pk: circle.reason for circle in circles if (pk := circle.last_of(moved)) is not None}

    def why_not(self, pk: Any, *, by: User | None = None, shuts: bool) -> str:
        """Return why this account stays as it is, or an empty text. Without `by`, only the last of a circle has to."""
        if by is not None and not self.may_move(pk, by=by):
            return keeper_reason()
        return self.last_of([pk]).get(pk, "") if shuts else ""


def accounts_of(using: str) -> Q:
    """The accounts that the rule is about."""
    members = _members_of_group(using)
    return _superusers() | Q(user__in=members) if members else _superusers()


def is_protected(fsm: UserFSM) -> bool:
    """Whether the rule is about this account."""
    if is_superuser(fsm.user):
        return True
    return bool(conf.protected_group) and fsm.user_id in _members_of_group(fsm.database)


def may_be_protected(fsm: UserFSM) -> bool:
    """Whether the rule may be about this account, judged without asking the database."""
    return bool(conf.protected_group) or is_superuser(fsm.user)


def out_of_reach(*, by: User, using: str) -> Q:
    """The accounts that this user may not move, because somebody protected is in them."""
    if is_superuser(by):
        return Q(pk__in=())
    return _superusers() if by.pk in _members_of_group(using) else accounts_of(using)


def may_change(user: User, *, by: User) -> bool:
    """Whether `by` may change the name, address and password of this user; the permission is asked elsewhere."""
    if is_superuser(by) or is_superuser(user):
        return is_superuser(by)
    members = _members_of_group(user.fsm.database)
    return user.pk not in members or by.pk in members


def may_choose_members(by: User, *, using: str) -> bool:
    """Whether this user may let people into the protected group and out of it, and so decide whom the rule is about."""
    return is_superuser(by) or by.pk in _members_of_group(using)


def keeper_reason() -> str:
    """Return the reason why a protected account is left as it is by somebody who may not move it."""
    return _("protected: only superusers may do this")


def shuts(name: str) -> bool:
    """Whether the transition `name` takes accounts out of a state in which people may log in."""
    target = State(UserFSM.target_of(name))
    return not ABOUT[target].is_open and any(ABOUT[State(source)].is_open for source in UserFSM.sources_of(name))


def _circle(group: str, accounts: Iterable[UserFSM]) -> Circle:
    states = {fsm.pk: fsm.current_state for fsm in accounts}
    active = frozenset(pk for pk, state in states.items() if state == State.ACTIVE)
    return Circle(group, frozenset(states), active)


def _superusers() -> Q:
    return Q(user__is_superuser=True) if has_field("is_superuser") else Q(pk__in=())


def _members_of_group(using: str) -> set[Any]:
    name = conf.protected_group
    if not name or not has_field("groups"):
        return set()
    users = get_user_model()._base_manager.using(using)
    return set(users.filter(groups__name=name).values_list("pk", flat=True))
