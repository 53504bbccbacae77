"""Applies `users.operations.superusers` to the admin's forms, its deletions, and the group that the rule is about."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import router
from django.forms import BaseModelForm
from django.http import HttpRequest
from django.utils.translation import gettext as _

from users.actors import logged_in_user
from users.conf import conf
from users.models import UserFSM
from users.operations import superusers
from users.operations.superusers import Protected
from users.rows.user_model import is_superuser

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


def refusals_of_deletion(users: Iterable[User], *, by: User, lock: bool = False) -> list[str]:
    """Return why this administrator may not delete these users: a text for each user who stays."""
    using = router.db_for_write(UserFSM)
    protected = Protected.read(using=using, lock=lock)
    accounts = {fsm.pk: fsm for fsm in UserFSM.objects.using(using).filter(user__in=list(users)).select_related("user")}
    reasons = {pk: superusers.keeper_reason() for pk in accounts if not protected.may_move(pk, by=by)}
    reasons |= protected.last_of([pk for pk in accounts if pk not in reasons])
    return [f"{accounts[pk].user.get_username()}: {reason}" for pk, reason in reasons.items()]


def require_deletable(users: Iterable[User], *, by: User) -> None:
    """Raise `PermissionDenied` unless all of these may be deleted; nobody else can move them until the commit."""
    if refusals := refusals_of_deletion(users, by=by, lock=True):
        raise PermissionDenied("; ".join(refusals))


def require_changeable(user: User, *, by: User) -> None:
    """Raise `PermissionDenied` unless this administrator may change this user, as the database has the user."""
    stored = type(user)._base_manager.using(router.db_for_write(UserFSM)).get(pk=user.pk)
    if not superusers.may_change(stored, by=by):
        raise PermissionDenied(superusers.keeper_reason())


class GuardsGroup:
    """A `ModelAdmin` of groups in which only members and superusers rename or delete the protected group."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _may_touch(obj, request) and super().has_change_permission(request, obj)  # type: ignore[misc]  # of the ModelAdmin

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _may_touch(obj, request) and super().has_delete_permission(request, obj)  # type: ignore[misc]  # of the ModelAdmin


def _may_touch(group: Any, request: HttpRequest) -> bool:
    if group is None or not conf.protected_group or group.name != conf.protected_group:
        return True
    return superusers.may_choose_members(logged_in_user(request), using=router.db_for_write(UserFSM))


def guarded(form: type[BaseModelForm[Any]], *, by: User) -> type[BaseModelForm[Any]]:
    """
    Return the form of a user in which this administrator can make or unmake superusers, and members of the protected
    group, only as the rule allows.
    """

    class GuardedForm(form):  # type: ignore[valid-type, misc]  # made for each request, as Django makes its own
        def clean(self) -> Any:
            cleaned = super().clean()
            if left := _leaves(self):
                self._refuse_the_last(left)
            if "is_superuser" in self.changed_data and not is_superuser(by):
                self.add_error("is_superuser", _("Only superusers may change this."))
            before, after = _membership(self)
            if before != after and not superusers.may_choose_members(by, using=router.db_for_write(UserFSM)):
                text = _("Only members of %(group)s and superusers may change who is in it.")
                self.add_error("groups", text % {"group": conf.protected_group})
            return cleaned

        def _refuse_the_last(self, left: list[str]) -> None:
            protected = Protected.read(using=router.db_for_write(UserFSM), lock=True)
            circles = {"is_superuser": protected.superusers, "groups": protected.group}
            for name in left:
                circle = circles[name]
                if circle is not None and circle.last_of([self.instance.fsm.pk]) is not None:
                    self.add_error(name, _("Not possible: this is %(reason)s.") % {"reason": circle.reason})

    return GuardedForm


def _leaves(form: Any) -> list[str]:
    """The fields by which the person leaves the superusers or the protected group."""
    left: list[str] = []
    if form.instance.pk is None:
        return left
    if "is_superuser" in form.changed_data and form.initial.get("is_superuser"):
        left.append("is_superuser")
    if _membership(form) == (True, False):
        left.append("groups")
    return left


def _membership(form: Any) -> tuple[bool, bool]:
    """Whether the person is in the protected group, and will be; twice the same if that does not change."""
    group = conf.protected_group
    if not group or "groups" not in form.changed_data:
        return False, False
    before = form.instance.pk is not None and form.instance.groups.filter(name=group).exists()
    return before, group in {each.name for each in form.cleaned_data.get("groups", ())}
