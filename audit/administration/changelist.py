"""The list of records: Django's `ChangeList`, with pages by keyset instead of pages by number."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.db.models import QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.http import HttpRequest, QueryDict
from django.utils.functional import cached_property

from audit.administration import dates
from audit.export import paging
from audit.models import UserStateAudit
from users.administration.changelist import SearchForm

OLDER_VAR, NEWER_VAR, OLDEST_VAR = PAGE_VARS = ("older", "newer", "oldest")
"""The parameters that name a page: what is behind a place, what is before one, and the last page."""

SPAN = {
    name: Subquery(UserStateAudit.objects.order_by(order).values("datetime")[:1])
    for name, order in (("first", "datetime"), ("last", "-datetime"))
}
"""The times of the first and the last record of all, two looks into the index, in the query of the page."""


class RecordList(ChangeList):
    """
    The records that search, filters and dates leave, and one page of them: one query, and no count of anything.

    The page is read when it is asked for, so that an export, which asks for `queryset` alone, does not pay for one.
    """

    search_form_class = SearchForm

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[UserStateAudit]:
        for name in PAGE_VARS:  # the links to other filters begin with the first page
            self.params.pop(name, None)
            self.filter_params.pop(name, None)
        return super().get_queryset(request, exclude_parameters)

    def get_filters(self, request: HttpRequest) -> Any:
        try:
            return super().get_filters(request)
        except (ValueError, OverflowError) as error:  # the end of the calendar, where Django goes one year further
            raise IncorrectLookupParameters(error) from error

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[UserStateAudit]) -> list[str | Combinable]:
        return list(paging.NEWEST_FIRST)

    def get_results(self, request: HttpRequest) -> None:
        try:
            self._read_page = self._page_of(request.GET)
        except ValueError as error:
            raise IncorrectLookupParameters(error) from error
        # What Django's templates ask for, and what is not known here.
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
        """The page that the parameters name, read from the database."""
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
        """The links to other pages, None where this page is the last one in that direction."""
        newer, older = self.page.newer, self.page.older
        return {
            "newest": self.get_query_string() if newer else None,
            "newer": self.get_query_string({NEWER_VAR: newer}) if newer else None,
            "older": self.get_query_string({OLDER_VAR: older}) if older else None,
            "oldest": self.get_query_string({OLDEST_VAR: "1"}) if older else None,
        }

    @property
    def search_is_refused(self) -> bool:
        """Whether what was searched for is too long or no text, so that everything is shown, with a message."""
        return bool(self.params.get(SEARCH_VAR)) and not self.query

    @cached_property
    def date_choices(self) -> dates.Choices | None:
        """The links by date; None where there is no record."""
        # Each record of the page carries them; where there is none, the filters still need their way back.
        span = self.root_queryset.values(**SPAN).first() if not self.result_list else vars(self.result_list[0])
        return dates.choices(self, span["first"], span["last"]) if span else None
