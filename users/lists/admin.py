"""The base of the project's own lists in the admin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext

from users.input.text import is_storable
from users.lists import columns, parameters
from users.lists.changelist import List
from users.lists.exceptions import Dropped, Unread
from users.lists.offered import is_number

SHOWN = 40
"""The number of characters of a value that a message repeats."""

NAMED = 5
"""The number of parameters that are named one by one."""


class ListAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    """A list that drops parameters that it does not offer or cannot read, and names them."""

    change_list_template = "user_lifecycle/admin/list.html"

    chooses_columns = False
    """Whether readers can choose the columns (`users.lists.columns`)."""

    more_columns: Sequence[str] = ()
    """Columns that are shown only when they are chosen."""

    column_labels: Mapping[str, Any] = {}
    """The headings of columns whose own label is not that of the list."""

    offers_lookups = False
    """Whether any lookup that Django allows is taken as a filter, as in Django's own lists."""

    class Media:
        css = {"all": ["user_lifecycle/breadcrumbs.css", "user_lifecycle/lists.css"]}
        js = ("user_lifecycle/escape.js", "user_lifecycle/first_error.js")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return List

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Return the list; raise `Unread` if parameters have to be dropped first."""
        return parameters.read(self, request, super().get_changelist_instance)

    def get_more_columns(self) -> Sequence[str]:
        """Return `more_columns`, as far as the model has them."""
        return self.more_columns

    def sent(self, request: HttpRequest, rows: int) -> None:
        """Called when rows of the list are about to be sent to the request's user in an email."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if request.method == "GET" and columns.is_offered(self) and (query := columns.joined(request.GET)):
            return HttpResponseRedirect(f"{request.path}?{query}")
        self.check_action(request, self._selected_keys(request))
        try:
            return super().changelist_view(request, extra_context)
        except Unread as unread:
            return without(unread, request, request.path)

    def check_action(self, request: HttpRequest, keys: list[Any]) -> None:
        """Called before an action is looked up; `keys` are those of the selected rows. Raise to refuse it."""

    def _selected_keys(self, request: HttpRequest) -> list[Any]:
        """Return the keys of the rows that are selected for an action; raise `BadRequest` for what can be no key."""
        keys: list[Any] = request.POST.getlist(ACTION_CHECKBOX_NAME)
        for key in keys:
            try:
                self.opts.pk.clean(key, None)
            except ValidationError as error:
                raise BadRequest(f"{key!r} is not a key") from error
            if not is_storable(key):
                raise BadRequest(f"{key!r} is not a key")
        return keys


def without(unread: Unread, request: HttpRequest, path: str) -> HttpResponse:
    """Redirect to the list at this path without the dropped parameters, and name them. Nothing posted is done."""
    if request.method == "POST":
        messages.error(request, gettext("Nothing was done, because the list would differ from the one you saw."))
    for each in unread.dropped[:NAMED]:
        messages.warning(request, _said(each))
    if more := len(unread.dropped[NAMED:]):
        said = ngettext("%(count)d more parameter was left out.", "%(count)d more parameters were left out.", more)
        messages.warning(request, said % {"count": more})
    return HttpResponseRedirect(f"{path}?{unread.kept}" if unread.kept else path)


def unoffered(request: HttpRequest, *numbers: str) -> HttpResponse | None:
    """
    Redirect to a page that is no `ListAdmin` without the parameters that it does not offer; None if there are none.

    `numbers` are those that it offers, such as the number of a page.
    """
    query = request.GET
    wrong = [Dropped(name, None) for name in query if name not in numbers]
    wrong += [Dropped.of(query, name) for name in numbers if name in query and not is_number(str(query[name]))]
    if not wrong:
        return None
    kept = query.copy()
    for each in wrong:
        del kept[each.name]
    return without(Unread(wrong, kept.urlencode()), request, request.path)


def _said(dropped: Dropped) -> str:
    name = Truncator(dropped.name).chars(SHOWN)
    if dropped.value is None:
        return gettext("“%(name)s” was left out: this page does not offer it.") % {"name": name}
    said = gettext("“%(name)s” was left out: this page cannot read the value “%(value)s”.")
    return said % {"name": name, "value": Truncator(dropped.value).chars(SHOWN)}
