"""The table of a list in the admin, with the heading of the column in each cell."""

from __future__ import annotations

from typing import Any

from django import template
from django.contrib.admin.templatetags import admin_list
from django.contrib.admin.views.main import ChangeList
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

register = template.Library()

TOGGLE = "action-toggle"
"""The id of the box that selects all rows."""


@register.inclusion_tag("user_lifecycle/admin/rows.html")
def labelled_rows(cl: ChangeList) -> dict[str, Any]:
    """
    Return what Django's `result_list` shows, with a label in each cell and roles for the parts of the table.

    On a narrow screen each row is a block of lines. The labels then replace the headings. The roles keep it a table for
    screen readers, which no longer recognise one that is displayed as blocks.
    """
    shown: dict[str, Any] = admin_list.result_list(cl)
    labels = [escape(_label(heading)) for heading in shown["result_headers"]]
    for heading in shown["result_headers"]:
        heading["text"] = _found_by_themes(heading["text"])
    for row in shown["results"]:
        row[:] = map(_labelled, row, [*labels, *[""] * (len(row) - len(labels))])
    return shown


def _label(heading: dict[str, Any]) -> str:
    """The text over a column. The column with the boxes has none: each box is labelled by itself."""
    return "" if "action-checkbox-column" in heading.get("class_attrib", "") else capfirst(str(heading["text"]))


def _found_by_themes(text: str) -> str:
    """Give Django's box for all rows, which is such a heading, the class by which the script of Unfold finds it."""
    if not isinstance(text, SafeString):
        return text
    return mark_safe(text.replace(f'id="{TOGGLE}"', f'id="{TOGGLE}" class="{TOGGLE}"'))  # noqa: S308 - as it was


def _labelled(cell: SafeString, label: str) -> SafeString:
    """Add the role and the label to one of Django's cells, which begins with `<td` or `<th`."""
    tag, rest = cell[:3], cell[3:]
    role = "rowheader" if tag == "<th" else "cell"
    return mark_safe(f'{tag} role="{role}" data-label="{label}"{rest}')  # noqa: S308 - Django's cell, and escaped text
