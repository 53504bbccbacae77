"""
The emails of a developer's machine: kept in a file beside the database, and readable in the admin.

Only with `DEBUG`. Production keeps no text of an email, because its links let people in. `manage.py demo` empties the
`file`.
"""

from project.mailbox.backend import Backend
from project.mailbox.file import Message, newest_first

__all__ = ["Backend", "Message", "newest_first"]
