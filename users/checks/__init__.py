"""System checks: what makes no sense is said at start, each with an id and a hint."""

from users.checks import accounts, login, mail

ALL = (*accounts.ALL, *login.ALL, *mail.ALL)
