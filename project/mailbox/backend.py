"""An email backend that keeps emails instead of sending them."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from project.mailbox import file

logger = logging.getLogger("project.mailbox")


class Backend(BaseEmailBackend):
    """Keeps each email in the mailbox, and says so on the terminal."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            file.keep(message)
            logger.info("email to %s: %s; read it in the admin, under Mailbox", ", ".join(message.to), message.subject)
        return len(email_messages)
