"""
Invitations: a person gets a link by email and chooses a password, which activates the account.

`lists` invites everybody on a list of `lines`, which may have `ends`. Messages about an invitation are in `inviting`;
`sending` queues its emails.
"""

from users.invitations.coming_back import welcome_back
from users.invitations.inviting import accept, ask_anew, enrol, find, invite, link, prepared
from users.invitations.sending import resend, resend_all

__all__ = ["accept", "ask_anew", "enrol", "find", "invite", "link", "prepared", "resend", "resend_all", "welcome_back"]
