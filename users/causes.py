"""The causes of changes, a closed vocabulary. The code that makes a change passes its cause."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Cause(models.TextChoices):
    """
    The cause of a change, which is part of its record.

    Pages show the label. A person's own words are the description of a change. Figures, such as the number of failed
    logins, are its details. Code never derives meaning from descriptions.
    """

    REQUEST = "request", _("On request")
    """Somebody called the transition method or used an operation. This is the default."""

    CREATED = "created", _("Account created")
    """The birth of an account whose user was just created."""

    FOUND = "found", _("Account found without a state")
    """The birth of an account whose user was created without signals, for example by `bulk_create` or SQL."""

    DELETED = "deleted", _("Account deleted")
    """The death of an account."""

    INVITATION_ACCEPTED = "invitation_accepted", _("Invitation accepted")

    FAILED_LOGINS = "failed_logins", _("Failed logins")
    """The lockout locked the account. Details: `count`, and the `addresses` of the logins."""

    LOCK_EXPIRED = "lock_expired", _("Lock expired")

    UNLOCK_LINK = "unlock_link", _("Unlock link")
    """The person used the link in the email about the lock."""

    KNOWN_DEVICE = "known_device", _("Login from a known device")

    LEFT = "left", _("Deactivated by its owner")
    """The person deactivated their own account."""

    DORMANT = "dormant", _("Dormant")
    """Nobody had logged in for a long time. Details: `days`."""

    SCHEDULED = "scheduled", _("Scheduled")
    """A scheduled change became due. Details: `scheduled_by`, `scheduled_at`."""

    IS_ACTIVE = "is_active", _("is_active was set")
    """Code assigned to the user's `is_active` and saved."""

    PROVISIONING = "provisioning", _("Provisioning")
    """An identity provider or an HR system made the change."""
