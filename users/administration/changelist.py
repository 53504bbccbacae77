"""The list of users: Django's `ChangeList`, but it refuses parameters on which Django's fails."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList, ChangeListSearchForm
from django.db.models import QuerySet
from django.http import HttpRequest

LONGEST_SEARCH = 200
"""In characters. Each word makes several comparisons, and SQLite accepts only a thousand in one statement."""


class SearchForm(ChangeListSearchForm):
    """Django's form, with a maximum length."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[SEARCH_VAR] = forms.CharField(required=False, strip=False, max_length=LONGEST_SEARCH)


class UserList(ChangeList):
    """The users that match the search and the filters."""

    search_form_class = SearchForm

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        """
        Return nobody if the search was refused.

        Django shows everybody beside its error message, and "select all" would select them.
        """
        found = super().get_queryset(request, exclude_parameters)
        return found if self.query or not request.GET.get(SEARCH_VAR) else found.none()

    def get_results(self, request: HttpRequest) -> None:
        try:
            super().get_results(request)
        except (ValueError, OverflowError) as error:  # only the query notices a year outside the calendar
            raise IncorrectLookupParameters(error) from error
