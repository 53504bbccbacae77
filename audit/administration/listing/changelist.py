"""The list of records: Django's `ChangeList` with keyset paging instead of page numbers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import SEARCH_VAR
from django.db.models import DateTimeField, ExpressionWrapper, F, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.http import urlencode

from audit import replica
from audit.administration import dates
from audit.administration.listing import moments
from audit.administration.listing.filters import PeriodFilter
from audit.administration.listing.find import FindForm, Since, Until
from audit.administration.periods import start_of
from audit.export import paging
from audit.models import UserStateAudit
from users.database.moments import MomentField
from users.lists import List

OLDER_VAR, NEWER_VAR, OLDEST_VAR = PAGE_VARS = ("older", "newer", "oldest")
"""The parameters that select a page: the one after a place, the one before a place, and the last one."""

# Ordered by the plain column. A `MomentField` selects a check of the value, which no index serves.
_MOMENTS = UserStateAudit.objects.values(moment=ExpressionWrapper(F("datetime"), output_field=DateTimeField()))

SPAN = {
    name: Subquery(_MOMENTS.order_by(order)[:1], output_field=MomentField(null=True))
    for name, order in (("first", "datetime"), ("last", "-datetime"))
}
"""The times of the first and the last record, as two index look-ups in the page's query."""


class RecordList(List):
    """
    One page of the records that match the search, the filters and the dates, in one query and without counting.

    The page is read on first access. An export uses only `queryset`, so it reads no page.
    """

    page_parameters = places = PAGE_VARS

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[UserStateAudit]) -> list[str | Combinable]:
        return list(paging.NEWEST_FIRST)

    def get_results(self, request: HttpRequest) -> None:
        self._request = request
        try:
            self._read_page = self._page_of(request.GET)
        except ValueError as error:
            raise IncorrectLookupParameters(error) from error
        # Django's templates ask for these counts, which are not known here.
        self.show_full_result_count = self.show_admin_actions = False
        self.can_show_all = self.multi_page = False

    def _page_of(self, parameters: QueryDict) -> Callable[[], paging.Page]:
        given = (self.queryset.annotate(**SPAN), self.list_per_page)
        if text := parameters.get(OLDER_VAR):
            return partial(paging.older, *given, place=paging.Place.parse(text))
        if text := parameters.get(NEWER_VAR):
            return partial(paging.newer, *given, place=paging.Place.parse(text))
        return partial(paging.oldest if OLDEST_VAR in parameters else paging.newest, *given)

    @cached_property
    def page(self) -> paging.Page:
        """The selected page, read from the database."""
        return self._read_page()

    @property
    def result_list(self) -> list[UserStateAudit]:
        return self.page.records

    @property
    def result_count(self) -> int:  # type: ignore[override]
        return len(self.page.records)

    full_result_count = result_count

    @property
    def pages(self) -> dict[str, str | None]:
        """The links to other pages. None means that there is no page in that direction."""
        newer, older = self.page.newer, self.page.older
        return {
            "newest": self.get_query_string() if newer else None,
            "newer": self.get_query_string({NEWER_VAR: newer}) if newer else None,
            "older": self.get_query_string({OLDER_VAR: older}) if older else None,
            "oldest": self.get_query_string({OLDEST_VAR: "1"}) if older else None,
        }

    @property
    def headings(self) -> dict[str, Any]:
        """The headings of the table, by the name of their column."""
        labels: dict[str, Any] = self.model_admin.column_labels  # type: ignore[attr-defined]  # a `ListAdmin`
        return {name: labels[name] for name in self.list_display}

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The cells of the table, by the name of their column."""
        shown = {name: getattr(self.model_admin, name) for name in self.list_display}
        return [{name: cell(record) for name, cell in shown.items()} for record in self.result_list]

    @cached_property
    def form(self) -> FindForm:
        """The form to find records."""
        return FindForm(self._request)

    @property
    def kept(self) -> dict[str, Any]:
        """The parameters that the form keeps, because it has no field for them."""
        shown = {SEARCH_VAR, *self.form.fields}
        return {name: value for name, value in self.params.items() if name not in shown}

    @property
    def permanent_link(self) -> str:
        """The URL of this view as it is now: it has no later records, and "the last 7 days" stay those of today."""
        given = {name: self._request.GET[name] for name in (*self.params, *PAGE_VARS) if name in self._request.GET}
        days = given.pop(PeriodFilter.parameter_name, None)
        if days and Since.parameter_name not in given:
            given[Since.parameter_name] = moments.written(start_of(int(days)))
        elif days:
            given[PeriodFilter.parameter_name] = days
        given.setdefault(Until.parameter_name, moments.written(replica.place().as_of or timezone.now()))
        return self._request.build_absolute_uri(f"{self._request.path}?{urlencode(given)}")

    @cached_property
    def date_choices(self) -> dates.Choices | None:
        """The links by date, or None without any records."""
        # Every record on the page carries the span. An empty page still needs links that lead back.
        span = self.root_queryset.values(**SPAN).first() if not self.result_list else vars(self.result_list[0])
        # An end that cannot be read (see `users.database.moments`) is None.
        return dates.choices(self, span["first"], span["last"]) if span and span["first"] and span["last"] else None
