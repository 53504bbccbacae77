"""Signed notes about the record: checkpoints, archives, floors, erasures."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.integrity.signed.digest import SIZE, SetDigest
from audit.integrity.signed.facts import UNREADABLE, Start, canonical, canonical_moment
from audit.integrity.signed.signing import Verdict, judge, signature
from users.database.moments import MomentField, shown
from users.lifecycle import whole_milliseconds
from users.states import State


class Signed(models.Model):
    """A note about the record that needs a signing key."""

    signature = models.CharField(_("signature"), max_length=128, editable=False)

    class Meta:
        abstract = True

    def message(self) -> bytes:
        """Return the bytes to sign."""
        raise NotImplementedError

    def sign(self) -> None:
        """Sign the note. It is not saved."""
        self.signature = signature(self.message())

    @property
    def verdict(self) -> Verdict:
        """The result of verifying the signature. A note with values that nobody can sign is not genuine."""
        try:
            message = self.message()
        except UNREADABLE:
            return Verdict.FORGED
        return judge(message, self.signature)

    @property
    def is_genuine(self) -> bool:
        """Whether the signature matches the note."""
        return self.verdict is Verdict.GENUINE


class SignedDigest(Signed):
    """A note about a set of records: their number, and a digest over them."""

    made_at = MomentField(_("time"), default=timezone.now)
    last_id = models.BigIntegerField(_("last key"))
    count = models.PositiveBigIntegerField(_("records"))
    total = models.BinaryField(_("sum of hashes"), max_length=SIZE)

    class Meta:
        abstract = True

    def sign(self) -> None:
        self.made_at = whole_milliseconds(self.made_at)  # as a backup in JSON keeps it
        super().sign()

    @property
    def digest(self) -> SetDigest:
        """The digest of the set."""
        return SetDigest.stored(self.count, bytes(self.total))

    @digest.setter
    def digest(self, digest: SetDigest) -> None:
        self.count, self.total = digest.count, digest.to_bytes()


class AuditCheckpoint(SignedDigest):
    """A summary of all records with a key up to `last_id`, including archived ones."""

    position = models.CharField(_("position"), max_length=32, blank=True, default="")
    """The position in PostgreSQL's log. A standby that has replayed it has all covered records."""

    class Meta:
        verbose_name = _("checkpoint")
        verbose_name_plural = _("checkpoints")
        default_permissions = ("view",)
        get_latest_by = "pk"

    def __str__(self) -> str:
        return f"{self.count} records until {shown(self.made_at)}"

    def message(self) -> bytes:
        covers = (self.last_id, self.count, self.digest.hexdigest())
        return canonical("checkpoint", canonical_moment(self.made_at), *covers, *filter(None, [self.position]))


class AuditArchive(SignedDigest):
    """A summary of the records in one archive. `last_id` is the highest key among them."""

    name = models.CharField(_("file"), max_length=255, unique=True)

    class Meta:
        verbose_name = _("archive")
        verbose_name_plural = _("archives")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return str(self.name)  # on SQLite it may be anything

    def message(self) -> bytes:
        return canonical(
            "archive", self.name, canonical_moment(self.made_at), self.last_id, self.count, self.digest.hexdigest()
        )


class AuditFloor(Signed):
    """How far the records of one user are archived: up to this sequence, which ended in this state."""

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
        """The start of the user's kept records."""
        return Start(self.sequence, self.end_state)


class AuditErasure(Signed):
    """A note that the personal data of a user was erased from earlier records, and why."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="+",
        verbose_name=_("user"),
    )
    since = MomentField(_("from"), null=True, blank=True)
    """The birth of the person, if somebody else had the key before."""

    until = MomentField(_("to"), null=True, blank=True)
    """The birth of whoever had the key afterwards."""

    made_at = MomentField(_("time"))
    reason = models.TextField(_("reason"))
    initiated_by = models.CharField(_("initiated by"), max_length=255)
    records = models.PositiveIntegerField(_("records"))

    class Meta:
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.user_id}: {shown(self.made_at)}"

    def message(self) -> bytes:
        limits = [None if each is None else canonical_moment(each) for each in (self.since, self.until)]
        return canonical(
            "erasure",
            str(self.user_id),
            canonical_moment(self.made_at),
            self.reason,
            self.initiated_by,
            self.records,
            *(limits if any(limits) else ()),
        )
