"""
The models of this app, each in a file of its own, and the queryset of accounts.

Others import the models from here. `querysets`, `login_session`, `saved_view` and `scheduled_change` also have what
goes with a model: the outcome of a bulk transition, lengths, choices.
"""

from users.models.login_session import LoginSession
from users.models.mail import Mail, MailRequest
from users.models.recent_attempts import RecentAttempts
from users.models.saved_view import SavedView, SavedViewMail
from users.models.scheduled_change import ScheduledChange
from users.models.user_fsm import UserFSM

__all__ = [
    "LoginSession",
    "Mail",
    "MailRequest",
    "RecentAttempts",
    "SavedView",
    "SavedViewMail",
    "ScheduledChange",
    "UserFSM",
]
