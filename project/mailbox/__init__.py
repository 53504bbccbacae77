"""
The emails of a developer's machine: kept in a file beside the database, and readable in the admin.

Only with `DEBUG`. The links in them let somebody in, which is why production keeps no text of an email.
"""

from project.mailbox.backend import Backend
from project.mailbox.file import Message, newest_first

__all__ = ["Backend", "Message", "newest_first"]
