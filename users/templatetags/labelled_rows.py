"""The table of a list in the admin, with the heading of the column in each cell."""

from __future__ import annotations

from typing import Any

from django import template
from django.contrib.admin.templatetags import admin_list
from django.contrib.admin.views.main import ChangeList
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

register = template.Library()


@register.inclusion_tag("user_lifecycle/admin/rows.html")
def labelled_rows(cl: ChangeList) -> dict[str, Any]:
    """
    Return what Django's `result_list` shows, with a label in each cell and roles for the parts of the table.

    On a narrow screen each row is a block of lines. The labels then replace the headings. The roles keep it a table for
    screen readers, which no longer recognise one that is displayed as blocks.
    """
    shown: dict[str, Any] = admin_list.result_list(cl)
    labels = [heading["text"] for heading in shown["result_headers"]]
    for row in shown["results"]:
        row[:] = map(_labelled, row, [*labels, *[""] * (len(row) - len(labels))])
    return shown


def _labelled(cell: SafeString, label: Any) -> SafeString:
    """Add the role and the label to one of Django's cells, which begins with `<td` or `<th`."""
    tag, rest = cell[:3], cell[3:]
    if "action-checkbox" in rest.partition(">")[0]:
        label = ""
    role = "rowheader" if tag == "<th" else "cell"
    known = format_html(' role="{}" data-label="{}"', role, capfirst(str(label)))
    return mark_safe(f"{tag}{known}{rest}")  # noqa: S308 - the cell as Django made it, and what is escaped
