"""
Invitations: a person gets a link by mail, chooses a password there, and is active.

`users.invitations.lists` invites everybody on a list.
"""

from users.invitations.inviting import ADDRESS_IS_TAKEN, accept, ask_anew, find, invite, link, prepared, resend

__all__ = ["ADDRESS_IS_TAKEN", "accept", "ask_anew", "find", "invite", "link", "prepared", "resend"]
