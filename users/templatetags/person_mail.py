"""Template tags for the template of `users.mail` in django-post-office's table."""

from __future__ import annotations

from django.template import Context, Library
from django.utils.safestring import mark_safe

from users.mail import composing

register = Library()


@register.simple_tag(takes_context=True)
def mail_subject(context: Context) -> str:
    """The subject; text, in which nothing is escaped."""
    return mark_safe(composing.render("subject", context["mail"]))  # noqa: S308 - a header, not HTML


@register.simple_tag(takes_context=True)
def mail_text(context: Context) -> str:
    """The text."""
    return composing.render("text", context["mail"])


@register.simple_tag(takes_context=True)
def mail_html(context: Context) -> str:
    """The HTML, which its own template escapes."""
    return composing.render("html", context["mail"])
