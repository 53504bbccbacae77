"""
Emails to people: queued with what they tell of, in one transaction, and sent after it.

THE QUEUE. `queue` writes an email to a table of django-post-office, in the transaction of what it tells of: a rollback
leaves no email, a commit leaves one, even if the process ends in the next moment. `delivery` sends what waits, one
after the other. An email is noted as sent when the mail server has taken it, and never before.
"""

from users.mail.asking import ask, on_request
from users.mail.kinds import Letter, kind
from users.mail.queue import address_of, send, untold

__all__ = ["Letter", "address_of", "ask", "kind", "on_request", "send", "untold"]
