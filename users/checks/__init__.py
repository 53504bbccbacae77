"""System checks. Each has an id, a message and a hint."""

from users.checks import accounts, login

ALL = (*accounts.ALL, *login.ALL)
