"""
Dormant accounts: people who have not logged in for a long time are warned by email, and deactivated some time later.

PCI DSS 4.0.1, 8.2.6, requires inactive accounts to be removed or disabled within 90 days. Only a warning without a
later login leads to deactivation. So a late or first run warns before it deactivates anybody, and a login cancels the
process.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import router, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from post_office.models import STATUS

from users import mail
from users.actors import SYSTEM
from users.causes import Cause
from users.conf import conf
from users.database import local_time
from users.database.one_of import one_of
from users.links import pages
from users.mail import changes, delivery, queue
from users.mail.kinds import Facts, Letter, kind
from users.mail.names import names_for
from users.models import Mail, UserFSM
from users.models.querysets import UserFSMQuerySet
from users.operations import superusers
from users.rows.user_model import has_field
from users.states import State

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

KIND = "dormant"


@dataclass(slots=True)
class DormancyRun:
    """The result of a run."""

    warned: int = 0
    deactivated: int = 0
    not_sent: int = 0
    """The number of people whose warning could not be sent. The next run tries again."""


def dormant(after: timedelta, now: datetime) -> UserFSMQuerySet:
    """
    Select active accounts without a login for this long.

    For accounts that have never logged in, the time counts from their creation, if the user model knows it. Superusers
    and the groups `USERS_PROTECTED_GROUP` and `USERS_NEVER_DORMANT_GROUP` are exempt.
    """
    using = router.db_for_write(UserFSM)
    accounts = UserFSM.objects.using(using).in_state(State.ACTIVE).exclude(superusers.accounts_of(using))
    if has_field("groups"):
        accounts = accounts.exclude(user__groups__name=conf.never_dormant_group)
    login = "user__last_login" if has_field("last_login") else "last_login_at"
    seen = Coalesce(login, "user__date_joined") if has_field("date_joined") else F(login)
    return accounts.alias(last_seen=seen).filter(last_seen__lte=now - after)


def to_warn(after: timedelta, warn: timedelta, now: datetime) -> UserFSMQuerySet:
    """Select dormant accounts to be deactivated in `warn` or sooner whose people have not been warned."""
    not_told = Q(dormancy_warned_at=None) | Q(dormancy_warned_at__lt=F("last_seen"))
    return dormant(after - warn, now).filter(not_told)


def to_deactivate(after: timedelta, warn: timedelta, now: datetime) -> UserFSMQuerySet:
    """Select dormant accounts whose people were warned `warn` ago and have not logged in since."""
    return dormant(after, now).filter(dormancy_warned_at__gte=F("last_seen"), dormancy_warned_at__lte=now - warn)


def run(after: timedelta, warn: timedelta) -> DormancyRun:
    """
    Warn people and deactivate accounts, as the system. A second run repeats nothing.

    `after` is the time without a login after which an account is dormant. `warn` is how long before that people are
    warned; it is less than `after`.
    """
    outcome, now, using = DormancyRun(), timezone.now(), router.db_for_write(UserFSM)
    _note_sent(using)
    outcome.deactivated = _deactivate(after, warn, now)
    _forget_warnings_of_the_shut()
    to_tell = list(to_warn(after, warn, now).using(using).select_related("user").order_by("pk"))
    for fsm in to_tell:
        _warn(fsm, now, warn)
    delivery.finish(using=using)
    _note_sent(using)
    asked = one_of("pk", [fsm.pk for fsm in to_tell], UserFSM._meta.pk, using=using)
    told = UserFSM._base_manager.using(using).filter(asked, dormancy_warned_at__gte=now)
    outcome.warned = told.count()
    outcome.not_sent = len(to_tell) - outcome.warned
    return outcome


def _forget_warnings_of_the_shut() -> None:
    """Forget the warnings of accounts that are no longer active, so that their people are warned again later."""
    shut = UserFSM._base_manager.using(router.db_for_write(UserFSM)).exclude(current_state=State.ACTIVE)
    shut.exclude(dormancy_warned_at=None).update(dormancy_warned_at=None)


def has_another_mailbox(user: User, update_fields: Collection[str] | None, using: str) -> bool:
    """Whether this save moves the person to another address, so that an earlier warning may not have reached them."""
    return changes.has_new_address(user, update_fields)


def forget_warning(user: User, using: str) -> None:
    """Forget the warning, so that the next run sends one to the new address."""
    UserFSM._base_manager.using(using).filter(user=user).exclude(dormancy_warned_at=None).update(
        dormancy_warned_at=None
    )


def _deactivate(after: timedelta, warn: timedelta, now: datetime) -> int:
    changed = 0
    while changed_now := _deactivate_batch(after, warn, now):
        changed += changed_now
    return changed


def _deactivate_batch(after: timedelta, warn: timedelta, now: datetime) -> int:
    """Deactivate one batch. Accounts are checked again under the row lock, because a login may have come first."""
    with transaction.atomic(using=router.db_for_write(UserFSM)):
        due = to_deactivate(after, warn, now).select_for_update(of=("self",)).order_by("pk")
        pks = list(due.values_list("pk", flat=True)[: conf.bulk_batch_size])
        still_due = to_deactivate(after, warn, now).filter(pk__in=pks)
        words: dict[str, Any] = {"cause": Cause.DORMANT, "details": {"days": after.days}}
        return still_due.bulk_transition(
            "deactivate", by=SYSTEM, description=f"no login for {after.days} days", **words
        ).changed


def _warn(fsm: UserFSM, now: datetime, warn: timedelta) -> None:
    """Queue the warning, unless it is already waiting. A failed one is tried again."""
    using = fsm.database
    with transaction.atomic(using=using):
        # Under the row lock, so that only one of two simultaneous runs writes.
        UserFSM._base_manager.using(using).select_for_update().get(pk=fsm.pk)
        row = UserFSM._base_manager.using(using).filter(pk=fsm.pk)
        if not mail.address_of(fsm.user):
            row.update(dormancy_warned_at=now)
            return
        mails = [each for each in _warnings(using).filter(user=fsm.user_id) if _is_of_now(each, fsm)]
        if not mails:
            mail.send(KIND, fsm.user, {"deactivated_at": now + warn, "version": fsm.version}, using=using)
        else:
            queue.again([each for each in mails if each.email.status == STATUS.failed], using=using)


def _note_sent(using: str) -> None:
    """Note when the warnings were sent, because only then people count as warned."""
    sent = _warnings(using).filter(email__status=STATUS.sent, user__fsm__current_state=State.ACTIVE)
    untaken = Q(user__fsm__dormancy_warned_at=None) | Q(user__fsm__dormancy_warned_at__lt=F("email__last_updated"))
    for each in sent.filter(untaken).select_related("user__fsm").order_by("email__last_updated"):
        if _is_of_now(each, each.user.fsm):
            row = UserFSM._base_manager.using(using).filter(pk=each.user.fsm.pk)
            row.update(dormancy_warned_at=each.email.last_updated)


def _warnings(using: str) -> QuerySet[Mail]:
    return Mail.objects.using(using).filter(kind=KIND).select_related("email")


def _is_of_now(warning: Mail, fsm: UserFSM) -> bool:
    """Whether the account has had no transition, no login and no other address since the warning."""
    last_login = warning.user.last_login if has_field("last_login") else fsm.last_login_at
    about = warning.email.context["mail"]
    if last_login is not None and last_login > warning.email.created:
        return False
    return bool(about["facts"]["version"] == fsm.version and about["to"] == mail.address_of(warning.user))


@kind(KIND, gettext_lazy("Warning before a dormant account is deactivated"))
def dormant_account(user: User, facts: Facts) -> Letter:
    """Facts: `deactivated_at`."""
    until = date_format(local_time.local(facts["deactivated_at"]), "DATE_FORMAT")
    names = {**names_for(user), "until": until}
    return Letter(
        _("Your account will be deactivated"),
        [
            _("Nobody has logged in to your account %(username)s at %(site)s for a long time.") % names,
            _("It will be deactivated on %(until)s. To keep it, log in before that day.") % names,
        ],
        link=pages.in_email(pages.login()),
        link_label=_("Log in"),
    )
