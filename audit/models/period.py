"""The numbers of the dashboard for days that are over; see `audit.rollup`. None of it is evidence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from users.database import local_time


class CountedPeriod(models.Model):
    """Days whose records were counted: from `first_day` on, before `end_day`, in a time zone."""

    first_day = models.DateField(_("first day"))
    end_day = models.DateField(_("day after the last one"))
    time_zone = models.CharField(_("time zone"), max_length=64)
    last_id = models.BigIntegerField(_("last key"))
    """The highest key when it was counted. A later record of these days would not be in the numbers."""

    changes = models.JSONField(_("changes"), default=list)
    """
    A list of day, source, transition, number of changes and number of lockouts, for each combination that occurred.
    """

    counted_at = models.DateTimeField(_("time"), default=timezone.now)

    class Meta:
        verbose_name = _("counted period")
        verbose_name_plural = _("counted periods")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.first_day} to {self.end_day - timedelta(days=1)} ({self.time_zone})"

    def rows(self) -> Iterator[tuple[date, str, str, int, int]]:
        """Yield the changes; raise `ValueError` if they cannot be read."""
        try:
            for day, source, transition, number, lockouts in self.changes:
                yield date.fromisoformat(day), str(source), str(transition), int(number), int(lockouts)
        except TypeError as error:
            raise ValueError("these are no numbers of changes") from error

    @property
    def start(self) -> datetime:
        """The first moment of the period, in the current time zone, which is that of the period; see `current`."""
        return local_time.start_of(self.first_day)

    @property
    def end(self) -> datetime:
        """The first moment after the period."""
        return local_time.start_of(self.end_day)


class AccountTally(models.Model):
    """How often an account was locked in a period."""

    period = models.ForeignKey(CountedPeriod, on_delete=models.CASCADE, db_index=False, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    locks = models.PositiveIntegerField(_("locks"))

    class Meta:
        verbose_name = _("locks of an account")
        verbose_name_plural = _("locks of accounts")
        default_permissions = ()
        indexes = (models.Index("period", models.F("locks").desc(), "user", name="accounttally_ranking"),)
        constraints = (models.UniqueConstraint(name="accounttally_one_per_user", fields=("period", "user")),)

    def __str__(self) -> str:
        return f"{self.user_id}: {self.locks}"


class AddressTally(models.Model):
    """The lockouts from an address in a period."""

    period = models.ForeignKey(CountedPeriod, on_delete=models.CASCADE, db_index=False, related_name="+")
    ip_address = models.CharField(_("address"), max_length=64)
    locks = models.PositiveIntegerField(_("lockouts"))
    accounts = models.PositiveIntegerField(_("accounts"))
    failed_logins = models.PositiveBigIntegerField(_("failed logins"))

    class Meta:
        verbose_name = _("lockouts from an address")
        verbose_name_plural = _("lockouts from addresses")
        default_permissions = ()
        indexes = (models.Index("period", models.F("failed_logins").desc(), "ip_address", name="addresstally_ranking"),)
        constraints = (models.UniqueConstraint(name="addresstally_one_per_address", fields=("period", "ip_address")),)

    def __str__(self) -> str:
        return f"{self.ip_address}: {self.locks}"
