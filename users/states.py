"""The states an account can be in."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """The four states of a user account; only an active one may log in."""

    INVITED = "invited", _("Invited")
    """Made, but never yet used: the person has not accepted so far."""

    ACTIVE = "active", _("Active")
    """The person may log in. The only state in which ``is_active`` is true."""

    LOCKED = "locked", _("Locked")
    """Shut for a while, by failed logins or by an administrator."""

    DEACTIVATED = "deactivated", _("Deactivated")
    """Shut until somebody reactivates it."""
