"""The targets of events."""

from __future__ import annotations

from collections.abc import Callable

from audit.stream.exceptions import TargetIsWrong
from audit.stream.formats import Format
from audit.stream.targets import file, https, standard_output, syslog
from audit.stream.targets.event import Event, Receipt, Target

__all__ = ["Event", "Receipt", "Target", "at", "shown"]


def at(address: str, form: Format) -> Target:
    """
    Return the target with this address.

    `-` is standard output, `file:/path` a file, `https://…` a receiver of webhooks, `syslog+tls://host:port` a
    collector. Raises `TargetIsWrong` for anything else.
    """
    if address in ("-", "stdout"):
        return standard_output.StandardOutput(form)
    kind = address.partition(":")[0]
    makers: dict[str, Callable[[str, Format], Target]] = {
        "file": file.at,
        "https": https.at,
        "http": https.at,
        "syslog+tls": syslog.at,
    }
    if kind not in makers:
        raise TargetIsWrong(f"{address!r} is none of -, file:/path, https://host/path and syslog+tls://host:port")
    return makers[kind](address, form)


def shown(address: str) -> str:
    """Return the address for administrators to see: that of a receiver without its query, which may have a secret."""
    return address.partition("?")[0] if address.startswith("http") else address
