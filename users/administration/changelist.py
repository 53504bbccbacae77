"""The list of users: Django's `ChangeList`, which refuses what it would fail at."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList, ChangeListSearchForm
from django.db.models import QuerySet
from django.http import HttpRequest

LONGEST_SEARCH = 200
"""In characters. Each word is some comparisons, and SQLite takes no more than a thousand in one statement."""


class SearchForm(ChangeListSearchForm):
    """Django's, which knows no longest search."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[SEARCH_VAR] = forms.CharField(required=False, strip=False, max_length=LONGEST_SEARCH)


class UserList(ChangeList):
    """The users that search and filters leave."""

    search_form_class = SearchForm

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        """
        Nobody, where the search was refused.

        Django shows everybody beside its message, and "select all" would mean them.
        """
        found = super().get_queryset(request, exclude_parameters)
        return found if self.query or not request.GET.get(SEARCH_VAR) else found.none()

    def get_results(self, request: HttpRequest) -> None:
        try:
            super().get_results(request)
        except (ValueError, OverflowError) as error:  # a year that no calendar has is seen only by the query
            raise IncorrectLookupParameters(error) from error
