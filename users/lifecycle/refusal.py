"""Refused transitions, reported to the app that keeps evidence."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from users.actors import By
from users.lifecycle.account import AccountState
from users.signals import transitions_refused

logger = logging.getLogger("users.transitions")


class RefusalReason(models.TextChoices):
    """Why a transition was refused."""

    STATE = "state", _("The state does not allow it")
    PERMISSION = "permission", _("The permission is missing")
    PROTECTED = "protected", _("The person is protected")
    """The account is the administrator's own, or a rule protects it, such as that of the last active superuser."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An account that a transition left as it was."""

    user_id: Any
    username: str
    state: str
    """Its state at that time."""


def refused(
    model: type[AccountState],
    refusals: Sequence[Refusal],
    *,
    transition: str,
    reason: RefusalReason,
    using: str,
    by: By = None,
    description: str | None = None,
) -> None:
    """
    Report that this transition of these accounts was refused.

    A failing receiver is logged and changes nothing: the refusal stands.
    """
    if not refusals:
        return
    words = {"by": by, "description": description}
    answers = transitions_refused.send_robust(
        sender=model._meta.concrete_model, refusals=refusals, transition=transition, reason=reason, using=using, **words
    )
    for receiver, answer in answers:
        if isinstance(answer, Exception):
            logger.error("a refusal of %s was not noted by %r", transition, receiver, exc_info=answer)
