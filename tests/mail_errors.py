"""One error of each kind that the backends of emails raise; each has classes of its own."""

import smtplib
import socket
from asyncio import CancelledError


class Timeout(BaseException):
    """As gevent's, which is no `Exception`."""


class AnymailAPIError(Exception):
    """As anymail's: a class that only its package knows."""


EVERY_KIND_OF_ERROR = (
    smtplib.SMTPRecipientsRefused({"someone@example.com": (550, b"no such mailbox")}),
    smtplib.SMTPServerDisconnected("gone"),
    ConnectionRefusedError("nobody listens"),
    socket.gaierror("no such host"),
    TimeoutError("no answer"),
    AnymailAPIError("422"),
    ValueError("Invalid address"),
    UnicodeError("label too long"),
    KeyError("MessageId"),
    RuntimeError("the client is closed"),
    Timeout("10 seconds"),
    CancelledError("the loop is closed"),
)
