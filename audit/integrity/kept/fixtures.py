"""Records in fixtures, which `loaddata` loads only as they were signed."""

from __future__ import annotations

from typing import Any

from audit.exceptions import NotAsSigned
from audit.integrity.signed.facts import Facts, facts_of, message_of
from audit.integrity.signed.signing import Verdict, judge
from audit.models import UserStateAudit

LINE_BREAKS = ("\r\n", "\r")


def bring_line_breaks_back(record: UserStateAudit) -> None:
    """
    Give a record the carriage returns that it was signed with, and that a dump as XML has lost.

    XML reads every line break as a line feed (XML 1.0, 2.11), and Django's serializer writes them as they are.
    """
    facts = facts_of(record)
    lines = {name: text for name, text in facts._asdict().items() if isinstance(text, str) and "\n" in text}
    if not lines or not _is_forged(facts, record.signature):
        return
    for line_break in LINE_BREAKS:
        texts: dict[str, Any] = {name: text.replace("\n", line_break) for name, text in lines.items()}
        if not _is_forged(facts._replace(**texts), record.signature):
            for name, text in texts.items():
                setattr(record, name, text)
            return


def refuse_unlike_signed(record: UserStateAudit) -> None:
    """Raise `NotAsSigned` for a record that is not what was signed."""
    if _is_forged(facts_of(record), record.signature):
        raise NotAsSigned(record.user_id, record.sequence)


def _is_forged(facts: Facts, signature: str) -> bool:
    return judge(message_of(facts, signature), signature) is Verdict.FORGED
