"""Why a change was made: a closed vocabulary, handed over by the code that knows."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Cause(models.TextChoices):
    """
    The cause of a change, which its record carries.

    The label is what pages show. A person's own words are the description of a change; figures, such as the number of
    failed logins, are its details. No meaning is read out of either sentence.
    """

    REQUEST = "request", _("On request")
    """Somebody called the transition method or used an operation. The default."""

    CREATED = "created", _("Account created")
    """The birth of an account whose user was just made."""

    FOUND = "found", _("Account found without a state")
    """The birth of an account whose user was made without signals, for example by `bulk_create` or SQL."""

    DELETED = "deleted", _("Account deleted")
    """The death of an account."""

    INVITATION_ACCEPTED = "invitation_accepted", _("Invitation accepted")

    FAILED_LOGINS = "failed_logins", _("Failed logins")
    """The lockout; details: `count`, and `addresses` from which the logins came."""

    LOCK_EXPIRED = "lock_expired", _("Lock expired")

    UNLOCK_LINK = "unlock_link", _("Unlock link")
    """The person used the link in the email about the lock."""

    KNOWN_DEVICE = "known_device", _("Login from a known device")

    LEFT = "left", _("Deactivated by its owner")
    """The person deactivated their own account."""

    DORMANT = "dormant", _("Dormant")
    """Nobody had logged in for a long time; details: `days`."""

    SCHEDULED = "scheduled", _("Scheduled")
    """A scheduled change became due; details: `scheduled_by`, `scheduled_at`."""

    IS_ACTIVE = "is_active", _("is_active was set")
    """Code assigned to the user's `is_active` and saved."""

    PROVISIONING = "provisioning", _("Provisioning")
    """An identity provider or an HR system."""
