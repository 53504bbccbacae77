"""
The choice of columns of a list, as the parameter `columns`: names with commas between them.

The first column always stays, because it says whose row it is. Columns that are edited in the list stay as well, and so
do functions, which have no name. Without the parameter a list shows its own columns. It shows further columns only when
they are chosen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.contrib.admin.utils import label_for_field
from django.http import HttpRequest, QueryDict
from django.utils.text import capfirst

from users.lists.exceptions import Dropped

COLUMNS_VAR = "columns"
CHECKBOX = "action_checkbox"
SEPARATOR = ","


class Choice(NamedTuple):
    """A column that can be chosen."""

    name: str
    label: str
    is_shown: bool


def is_offered(model_admin: Any) -> bool:
    """Whether this list offers a choice of columns."""
    return bool(getattr(model_admin, "chooses_columns", False))


def joined(query: QueryDict) -> str | None:
    """Return the query with one value for all checked boxes, as in links; None if it already is so."""
    values = query.getlist(COLUMNS_VAR)
    if not values[1:]:
        return None
    kept = query.copy()
    kept[COLUMNS_VAR] = SEPARATOR.join(filter(None, values))
    return kept.urlencode()


def shown(model_admin: Any, parameters: Mapping[str, Any], own: Sequence[Any]) -> list[Any]:
    """Return which columns to show, in the order in which they are offered; `own` are those of the list itself."""
    if COLUMNS_VAR not in parameters or not is_offered(model_admin):
        return list(own)
    chosen = _names(parameters)
    stay = _stay(model_admin, own)
    return [column for column in _all(model_admin, own) if column in stay or column in chosen]


def choices(model_admin: Any, own: Sequence[Any], displayed: Iterable[Any]) -> list[Choice]:
    """Return the columns that the form offers."""
    stay, displayed = _stay(model_admin, own), {*displayed}
    return [
        Choice(column, capfirst(str(_label(model_admin, column))), column in displayed)
        for column in _all(model_admin, own)
        if column not in stay
    ]


def unknown(model_admin: Any, request: HttpRequest) -> Dropped | None:
    """Return the names that this list does not offer, with what remains without them; None if it offers all."""
    own = model_admin.get_list_display(request)
    offered = {column for column in _all(model_admin, own) if isinstance(column, str)}
    given = [*dict.fromkeys(_names(request.GET))]
    others = [name for name in given if name not in offered]
    if not others:
        return None
    remains = SEPARATOR.join(name for name in given if name in offered)
    return Dropped(COLUMNS_VAR, SEPARATOR.join(others), remains)


def _names(parameters: Mapping[str, Any]) -> list[str]:
    return [name for name in str(parameters.get(COLUMNS_VAR, "")).split(SEPARATOR) if name]


def _all(model_admin: Any, own: Sequence[Any]) -> list[Any]:
    more = [column for column in model_admin.get_more_columns() if column not in own]
    return [*own, *more]


def _stay(model_admin: Any, own: Sequence[Any]) -> set[Any]:
    first = [column for column in own if column != CHECKBOX][:1]
    without_name = [column for column in own if not isinstance(column, str)]
    return {CHECKBOX, *first, *without_name, *model_admin.list_editable}


def _label(model_admin: Any, column: str) -> Any:
    labels = model_admin.column_labels
    return labels[column] if column in labels else label_for_field(column, model_admin.model, model_admin)
