"""
Emails to people: queued in the transaction of the event that they report, and sent after the commit.

THE QUEUE. `queue` writes an email to a table of django-post-office, in the transaction of the event. A rollback
leaves no email. A commit leaves one, even if the process ends right after it. `delivery` sends waiting emails, one
after the other. An email is marked as sent only once the mail server has accepted it.

Rooms that send something say what by `kinds`, to whom by `names`, in which `language`, and lead to a `password_link`.
The admin shows `standing`; a template tag uses `composing`; `changes` has read the address before a save.
"""

from users.mail.asking import ask, on_request
from users.mail.kinds import Letter, kind
from users.mail.queue import address_of, send, untold

__all__ = ["Letter", "address_of", "ask", "kind", "on_request", "send", "untold"]
