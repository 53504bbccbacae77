"""The record of every change of state, and what proves that it was not touched."""

from __future__ import annotations

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.context import NAME_LENGTH, REQUEST_ID_LENGTH, USER_AGENT_LENGTH
from audit.exceptions import RecordIsAppendOnly
from audit.indexes import PrefixIndex
from audit.integrity.digest import SIZE, SetDigest
from audit.integrity.facts import canonical, canonical_moment
from audit.integrity.findings import Start
from audit.integrity.signing import Verdict, judge, signature
from audit.querysets import UserStateAuditQuerySet
from users.states import State


class UserStateAudit(models.Model):
    """
    One change of the state of one account: who was affected, who did it, from which state to which, when, from where.

    Written by `audit.receivers` with the change itself, and never changed. Names stand in it as text and keys carry no
    constraint, so that it outlives the people in it.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,  # the constraint below is the index
        related_name="+",
        verbose_name=_("user"),
    )
    username = models.CharField(_("username"), max_length=NAME_LENGTH)
    sequence = models.PositiveIntegerField(_("sequence"), help_text=_("1, 2, 3 … for each user"))
    transition = models.CharField(_("transition"), max_length=50)
    start_state = models.CharField(_("from"), max_length=50, choices=State)
    end_state = models.CharField(_("to"), max_length=50, choices=State)
    datetime = models.DateTimeField(_("time"), default=timezone.now)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,  # userstateaudit_by_actor is
        null=True,
        related_name="+",
        verbose_name=_("actor"),
    )
    initiated_by = models.CharField(_("initiated by"), max_length=NAME_LENGTH)
    description = models.TextField(_("description"), blank=True)
    ip_address = models.CharField(_("address"), max_length=64, blank=True)
    user_agent = models.CharField(_("user agent"), max_length=USER_AGENT_LENGTH, blank=True)
    request_id = models.CharField(_("request"), max_length=REQUEST_ID_LENGTH, blank=True)
    signature = models.CharField(_("signature"), max_length=128, blank=True, editable=False)

    objects = UserStateAuditQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of state")
        verbose_name_plural = _("changes of state")
        default_permissions = ("view",)
        permissions = (("export_userstateaudit", _("Can export changes of state")),)
        get_latest_by = "sequence"
        # Each is paid for by every transition; docs/records.md says which question needs which.
        indexes = (
            models.Index(name="userstateaudit_by_time", fields=("datetime", "id")),
            models.Index(name="userstateaudit_by_state", fields=("end_state", "datetime", "id")),
            models.Index(name="userstateaudit_by_actor", fields=("actor", "datetime", "id")),
            PrefixIndex(name="userstateaudit_username", fields=("username",)),
            PrefixIndex(name="userstateaudit_initiated_by", fields=("initiated_by",)),
            PrefixIndex(name="userstateaudit_ip_address", fields=("ip_address",)),
        )
        constraints = (
            models.UniqueConstraint(name="userstateaudit_one_per_sequence", fields=("user", "sequence")),
            models.CheckConstraint(
                name="userstateaudit_states_are_known",
                condition=models.Q(start_state__in=State.values) & models.Q(end_state__in=State.values),
            ),
        )

    def __str__(self) -> str:
        change = f"{self.get_start_state_display()} → {self.get_end_state_display()}"
        return f"{self.username} #{self.sequence}: {change} ({self.initiated_by})"

    def save(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Raise `RecordIsAppendOnly`."""
        raise RecordIsAppendOnly

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Raise `RecordIsAppendOnly`."""
        raise RecordIsAppendOnly


class Signed(models.Model):
    """A note about the record that only somebody with a key can write."""

    signature = models.CharField(_("signature"), max_length=128, editable=False)

    class Meta:
        abstract = True

    def message(self) -> bytes:
        """What is signed."""
        raise NotImplementedError

    def sign(self) -> None:
        """Sign what the note says now; it is not saved."""
        self.signature = signature(self.message())

    @property
    def is_genuine(self) -> bool:
        """Whether somebody with a key wrote what the note says."""
        return judge(self.message(), self.signature) is Verdict.GENUINE


class SignedDigest(Signed):
    """A note about a set of records: how many, and a digest over them."""

    made_at = models.DateTimeField(_("time"), default=timezone.now)
    last_id = models.BigIntegerField(_("last key"))
    count = models.PositiveBigIntegerField(_("records"))
    total = models.BinaryField(_("sum of hashes"), max_length=SIZE)

    class Meta:
        abstract = True

    @property
    def digest(self) -> SetDigest:
        """The digest, to be compared or added to."""
        return SetDigest.stored(self.count, bytes(self.total))

    @digest.setter
    def digest(self, digest: SetDigest) -> None:
        self.count, self.total = digest.count, digest.to_bytes()


class AuditCheckpoint(SignedDigest):
    """What the record was at some moment: all records with a key up to `last_id`, those in archives included."""

    class Meta:
        verbose_name = _("checkpoint")
        verbose_name_plural = _("checkpoints")
        default_permissions = ("view",)
        get_latest_by = "pk"

    def __str__(self) -> str:
        return f"{self.count} records until {self.made_at:%Y-%m-%d %H:%M:%S}"

    def message(self) -> bytes:
        return canonical(
            "checkpoint", canonical_moment(self.made_at), self.last_id, self.count, self.digest.hexdigest()
        )


class AuditArchive(SignedDigest):
    """The records that have gone from here into one archive; `last_id` is the highest key among them."""

    name = models.CharField(_("file"), max_length=255, unique=True)

    class Meta:
        verbose_name = _("archive")
        verbose_name_plural = _("archives")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return self.name

    def message(self) -> bytes:
        return canonical(
            "archive", self.name, canonical_moment(self.made_at), self.last_id, self.count, self.digest.hexdigest()
        )


class AuditFloor(Signed):
    """How far the records of one user have gone into archives: until this sequence, which ended in this state."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="+",
        verbose_name=_("user"),
    )
    sequence = models.PositiveIntegerField(_("sequence"))
    end_state = models.CharField(_("to"), max_length=50, choices=State)

    class Meta:
        verbose_name = _("end of a user's archived records")
        verbose_name_plural = _("ends of users' archived records")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.user_id}: {self.sequence}"

    def message(self) -> bytes:
        return canonical("floor", str(self.user_id), self.sequence, self.end_state)

    @property
    def start(self) -> Start:
        """Where the user's kept records go on from."""
        return Start(self.sequence, self.end_state)
