"""The User-Agent that a browser sends, in words for people: “Chrome on Linux”."""

from __future__ import annotations

from django.utils.translation import gettext as _
from ua_parser import parse_os, parse_user_agent

NAMES = {"Mac OS X": "macOS"}
"""Today's names, where the library has an older one."""


def in_words(user_agent: str) -> str:
    """Return the browser and its system, or the one that is known; empty if neither is. A client can claim anything."""
    browser, system = parse_user_agent(user_agent), parse_os(user_agent)
    name = browser.family if browser else ""
    on = NAMES.get(system.family, system.family) if system else ""
    return _("%(browser)s on %(system)s") % {"browser": name, "system": on} if name and on else name or on
