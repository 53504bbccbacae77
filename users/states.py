"""The states an account can be in."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """The four states of a user account. Only an active account may log in."""

    INVITED = "invited", _("Invited")
    """The account exists, but the person has not accepted the invitation yet."""

    ACTIVE = "active", _("Active")
    """The person may log in. This is the only state in which `is_active` is true."""

    LOCKED = "locked", _("Locked")
    """The account is closed for a while, after failed logins or by an administrator."""

    DEACTIVATED = "deactivated", _("Deactivated")
    """The account is closed until somebody reactivates it."""
