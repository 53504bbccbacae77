"""
Django's `ChangeList`, extended: it knows the parameters that its page offers, and a search that it cannot read finds
nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.contrib.admin import ShowFacets
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IS_FACETS_VAR, IS_POPUP_VAR, TO_FIELD_VAR, IncorrectLookupParameters
from django.contrib.admin.views.main import ALL_VAR, ORDER_VAR, PAGE_VAR, SEARCH_VAR, ChangeList, ChangeListSearchForm
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from users.lists import calendar, columns

LONGEST_SEARCH = 200
"""In characters. Each word makes several comparisons, and SQLite accepts only a thousand in one statement."""

IN_A_POPUP = (IS_POPUP_VAR, TO_FIELD_VAR, "_source_model")


class SearchForm(ChangeListSearchForm):
    """Django's form, with a maximum length."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        too_long = _("Search: at most %(limit_value)d characters; yours has %(show_value)d. Nothing is shown.")
        field = forms.CharField(required=False, strip=False, max_length=LONGEST_SEARCH)
        for validator in field.validators:
            if getattr(validator, "code", "") == "max_length":
                validator.message = too_long  # type: ignore[attr-defined]
        self.fields[SEARCH_VAR] = field


def search_is_readable(query: QueryDict) -> bool:
    """Whether the search of a page can be carried out; True without one."""
    return SearchForm(query).is_valid()


class List(ChangeList):
    """The rows that match the search and the filters."""

    search_form_class = SearchForm
    search_var = SEARCH_VAR

    page_parameters: Iterable[str] = (PAGE_VAR, ORDER_VAR, ALL_VAR)
    """The parameters that select a page and an order."""

    places: Iterable[str] = ()
    """The parameters that name the row before or after the page. Links to other filters leave them out."""

    @property
    def list_display(self) -> list[Any]:
        """The columns: those of the list itself, or those that the parameters choose."""
        return columns.shown(self.model_admin, self.params, self._own_columns)

    @list_display.setter
    def list_display(self, own: Iterable[Any]) -> None:
        self._own_columns = list(own)

    @property
    def columns(self) -> list[columns.Choice]:
        """The columns that can be chosen; none if the list offers no choice."""
        if not columns.is_offered(self.model_admin):
            return []
        return columns.choices(self.model_admin, self._own_columns, self.list_display)

    @property
    def beside_columns(self) -> list[tuple[str, str]]:
        """The parameters that a choice of columns keeps: not the page, and not the order, which counts columns."""
        left = {columns.COLUMNS_VAR, *self.page_parameters}
        return [(name, each) for name, values in self.filter_params.items() if name not in left for each in values]

    @property
    def own_columns_url(self) -> str:
        """The link to the list with its own columns."""
        return self.get_query_string(remove=[columns.COLUMNS_VAR, *self.page_parameters])

    @classmethod
    def parameters(cls, model_admin: Any, request: HttpRequest) -> set[str]:
        """Return the names of the parameters that this list offers beside its filters."""
        offered = {*cls.page_parameters, *IN_A_POPUP}
        if model_admin.get_search_fields(request):
            offered.add(SEARCH_VAR)
        if model_admin.show_facets is ShowFacets.ALLOW:
            offered.add(IS_FACETS_VAR)
        return offered

    not_applied: Iterable[str] = ()
    """The parameters of filters that are not applied, because they have a single choice and so are not shown."""

    def get_filters_params(self, params: Any = None) -> Any:
        found = super().get_filters_params(params)
        if columns.is_offered(self.model_admin):
            found.pop(columns.COLUMNS_VAR, None)
        return found

    def get_filters(self, request: HttpRequest) -> Any:
        found: Any = super().get_filters(request)
        shown, _has_filters, remaining, *_others = found
        read = {name for spec in shown for name in spec.expected_parameters() or ()}
        self.not_applied = {*self.get_filters_params()} - {*remaining} - read - {*calendar.names(self.date_hierarchy)}
        return found

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        """
        Return nothing if the search was refused.

        Django shows everything beside its error message, and "select all" would select it.
        """
        if exclude_parameters is None and "queryset" in self.__dict__:
            # An action asks again, and each filter would look up its choices again.
            return cast("QuerySet[Any]", self.queryset.all())
        for name in self.places:
            self.params.pop(name, None)
            self.filter_params.pop(name, None)
        found = super().get_queryset(request, exclude_parameters)
        return found if self.query or not request.GET.get(SEARCH_VAR) else found.none()

    def get_results(self, request: HttpRequest) -> None:
        if self.is_for_an_action(request):
            self._show_nothing(request)
            return
        try:
            super().get_results(request)
        except (ValueError, OverflowError) as error:  # only the query notices a year outside the calendar
            raise IncorrectLookupParameters(error) from error

    def is_for_an_action(self, request: HttpRequest) -> bool:
        """Whether this request carries out an action on selected rows, after which Django does not show the list."""
        is_action = request.method == "POST" and "_save" not in request.POST
        selects = is_action and bool(request.POST.getlist(ACTION_CHECKBOX_NAME))
        return selects and bool(self.model_admin.get_actions(request))

    def _show_nothing(self, request: HttpRequest) -> None:
        """Set what Django's `get_results` sets, without counting or reading rows of the whole table."""
        self.result_count, self.full_result_count = 0, None
        self.show_full_result_count = self.show_admin_actions = self.can_show_all = self.multi_page = False
        self.result_list = self.queryset.none()
        self.paginator = self.model_admin.get_paginator(request, self.result_list, self.list_per_page)

    @property
    def searched(self) -> str:
        """The text in the search box. It may be a search that was refused, so that people can shorten it."""
        return str(self.params.get(SEARCH_VAR, ""))
