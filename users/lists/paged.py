"""A list that pages by keyset and counts nothing, for tables with many rows."""

from __future__ import annotations

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ALL_VAR, PAGE_VAR
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from users.lists.changelist import List
from users.lists.keyset import Keyset, Page

AFTER_VAR, BEFORE_VAR, LAST_VAR = PLACES = ("after", "before", "last")
"""The parameters that select a page: the one after a row, the one before a row, and the last one."""


class PagedList(List):
    """
    One page of the rows that match, found by the key of the row before it.

    Links to numbers of pages (`?p=7`) and to all rows (`?all=`) work as in Django's lists, and need a count. Lists that
    can be edited, or that are not ordered by columns, need one too.
    """

    page_parameters = (*List.page_parameters, *PLACES)
    places = PLACES

    count_is_known = True
    """Whether `result_count` is the number of rows that match. Otherwise more rows match than the page shows."""

    pages: dict[str, str | None] | None = None
    """The links to other pages. None where the pages have numbers."""

    def get_results(self, request: HttpRequest) -> None:
        try:
            keyset = self._keyset(request)
            page = self._page(keyset, request) if keyset else None
        except (ValueError, OverflowError, ValidationError) as error:  # an impossible key or year
            raise IncorrectLookupParameters(error) from error
        if page is None:
            self.count_is_known, self.pages = True, None
            super().get_results(request)
            return
        self.result_list = page.rows
        self.count_is_known = not (page.before or page.after)
        self.result_count = len(page.rows) if self.count_is_known else len(page.rows) + 1
        self.full_result_count = None
        self.show_full_result_count = False
        self.show_admin_actions = True
        self.can_show_all = False
        self.multi_page = not self.count_is_known
        self.pages = self._links(page)

    def _keyset(self, request: HttpRequest) -> Keyset | None:
        numbered = ALL_VAR in request.GET or request.GET.get(PAGE_VAR, "1") != "1"
        if numbered or self.list_editable or self.queryset.query.distinct or self.is_for_an_action(request):
            return None
        order = self.queryset.query.order_by
        return Keyset.of(self.queryset, order, self.list_per_page, everybody=self.root_queryset)

    def _page(self, keyset: Keyset, request: HttpRequest) -> Page:
        if LAST_VAR in request.GET:
            return keyset.last()
        for name, read in ((AFTER_VAR, keyset.after), (BEFORE_VAR, keyset.before)):
            if name in request.GET:
                page = read(self.opts.pk.to_python(request.GET[name]))
                if page is None:
                    raise IncorrectLookupParameters("there is no such row any more")
                return page
        return keyset.first()

    def _links(self, page: Page) -> dict[str, str | None]:
        first, last = (page.rows[0].pk, page.rows[-1].pk) if page.rows else (None, None)
        before, after = page.before and first is not None, page.after and last is not None
        return {
            "first": self.get_query_string() if page.before else None,
            "before": self.get_query_string({BEFORE_VAR: first}) if before else None,
            "after": self.get_query_string({AFTER_VAR: last}) if after else None,
            "last": self.get_query_string({LAST_VAR: "1"}) if page.after else None,
        }
