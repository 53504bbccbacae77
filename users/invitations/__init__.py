"""
Invitations: a person gets a link by email and chooses a password, which activates the account.

`users.invitations.lists` invites everybody on a list.
"""

from users.invitations.coming_back import welcome_back
from users.invitations.inviting import accept, ask_anew, enrol, find, invite, link, prepared, resend

__all__ = ["accept", "ask_anew", "enrol", "find", "invite", "link", "prepared", "resend", "welcome_back"]
