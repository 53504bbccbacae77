"""Shows the outcome of a scheduled change."""

from __future__ import annotations

from django import template

from users.administration.scheduling.list_admin import outcome_badge

register = template.Library()
register.filter(outcome_badge)
