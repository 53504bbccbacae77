"""Names of people inside sentences, in whichever script and direction they are written."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from users.conf import conf
from users.rows.user_model import login_name

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"

_FORMATTING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
_RIGHT_TO_LEFT = {"R", "AL", "AN"}


def username_of(user: User) -> str:
    """Return the username as it can stand in a sentence."""
    return isolated(login_name(user))


def names_for(user: User) -> dict[str, str]:
    """Return the names that sentences to this user contain: `username` and `site`."""
    return {"username": username_of(user), "site": conf.site_url}


def isolated(name: str) -> str:
    """
    Return a name that does not move the words around it; most names are returned as they are.

    A name with right-to-left letters is put between invisible marks; `<bdi>` is their counterpart in HTML.
    Marks of its own are left out: with them a name could turn around the text behind it.
    """
    bare = "".join(letter for letter in name if unicodedata.bidirectional(letter) not in _FORMATTING)
    if any(unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in bare):
        return f"{FIRST_STRONG_ISOLATE}{bare}{POP_ISOLATE}"
    return bare
