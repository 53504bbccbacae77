"""The file that keeps emails: an mbox, which every mail reader opens."""

from __future__ import annotations

import mailbox
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage as Outgoing
from django.db import connection
from django.utils import timezone

SHOWN = 300
"""The number of emails that are read back."""


@dataclass(frozen=True, slots=True)
class Message:
    """An email as it was sent."""

    number: int
    to: str
    subject: str
    moment: datetime | None
    text: str


def path() -> Path:
    """Return the path beside an SQLite database, or in the project folder, named after another database."""
    return Path(settings.BASE_DIR) / f"{connection.settings_dict['NAME']}.mailbox"


def keep(outgoing: Outgoing) -> None:
    """
    Add an email to the file, with the time of now as its date.

    `mailbox.mbox.add` reads the whole file first: with it, emails to thousands of people took minutes.
    """
    now = timezone.now()
    outgoing.extra_headers.setdefault("Date", now.strftime("%a, %d %b %Y %H:%M:%S +0000"))
    head = now.strftime("From MAILER-DAEMON %a %b %d %H:%M:%S %Y\n").encode()
    body = re.sub(rb"^From ", b">From ", outgoing.message().as_bytes(), flags=re.MULTILINE)
    with _opened(), path().open("ab") as file:
        file.write(head + body.rstrip(b"\n") + b"\n\n")


def newest_first(to: str = "") -> list[Message]:
    """The latest emails, or those to one address."""
    if not path().exists():
        return []
    with _opened() as box:
        messages = [_read(number, box.get_bytes(number)) for number in list(box.keys())[-SHOWN:]]
    return [message for message in reversed(messages) if to in ("", message.to)]


def empty() -> None:
    """Delete all emails, because their database is gone."""
    path().unlink(missing_ok=True)


@contextmanager
def _opened() -> Iterator[mailbox.mbox]:
    box = mailbox.mbox(path())
    box.lock()
    try:
        yield box
        box.flush()
    finally:
        box.unlock()
        box.close()


def _read(number: str | int, data: bytes) -> Message:
    message = BytesParser(EmailMessage, policy=policy.default).parsebytes(data)
    body = message.get_body(("plain",))
    return Message(
        int(number),
        str(message["To"]),
        str(message["Subject"]),
        message["Date"].datetime if message["Date"] else None,
        body.get_content().replace("\n>From ", "\nFrom ") if body else "",  # an mbox escapes such lines
    )
