"""
The demonstration: people of a small company, and a month of what happened to their accounts.

`month` says what happens. `story` makes it happen through the calls and pages of the site, in the `browsers` of those
`people`. `clock` sets the time. The emails are kept by `project.mailbox`.
"""

from project.demonstration.month import create_people

__all__ = ["create_people"]
