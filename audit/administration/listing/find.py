"""The form above the list: from and to, person, actor, address, cause, request, words of the reason."""

from __future__ import annotations

from datetime import datetime
from functools import reduce
from operator import and_
from typing import Any

from django import forms
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import Q
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from audit.administration.listing import moments
from audit.administration.listing.filters import AccountFilter, ActorFilter, Records, ShownWhileSet
from audit.context import NAME_LENGTH, REQUEST_ID_LENGTH
from users.causes import Cause
from users.database import local_time
from users.input.text import storable

LONGEST_ADDRESS = 64
LONGEST_WORDS = 200
NETWORK_ENDS = (".", ":")
"""An address with such an end is the beginning of many addresses: `192.0.2.`, `2001:db8:`."""


class ByText(ShownWhileSet):
    """Filters by a text of limited length."""

    longest = NAME_LENGTH

    def clean(self, value: str) -> str:
        if len(value) > self.longest or storable(value) != value or not value.strip():
            raise IncorrectLookupParameters("this text cannot be in a record")
        return value


class Since(ShownWhileSet):
    """Filters by the first moment."""

    title = _("earliest time")
    parameter_name = "since"

    def clean(self, value: str) -> moments.Span:
        try:
            return moments.parse(value)
        except (ValueError, OverflowError) as error:
            raise IncorrectLookupParameters(error) from error

    def label(self, value: moments.Span) -> str:
        return _named(value)

    def chosen(self, records: Records, value: moments.Span) -> Records:
        return records.filter(datetime__gte=value.start)


class Until(Since):
    """Filters by the last minute, day or second, which is included."""

    title = _("latest time")
    parameter_name = "until"

    def chosen(self, records: Records, value: moments.Span) -> Records:
        return records.filter(datetime__lt=value.end)


class PersonFilter(ByText):
    """Filters by the beginning of the account's name."""

    title = _("person")
    parameter_name = "name"

    def chosen(self, records: Records, value: str) -> Records:
        return records.filter(username__istartswith=value)


class ActorNameFilter(ByText):
    """Filters by the beginning of the actor's name."""

    title = _("actor’s name")
    parameter_name = "by_name"

    def chosen(self, records: Records, value: str) -> Records:
        return records.filter(initiated_by__istartswith=value)


class AddressFilter(ByText):
    """Filters by an exact address, or by the beginning of one that ends where a network may."""

    title = _("address")
    parameter_name = "address"
    longest = LONGEST_ADDRESS

    def chosen(self, records: Records, value: str) -> Records:
        lookup = "istartswith" if value.endswith(NETWORK_ENDS) else "iexact"
        return records.filter(**{f"ip_address__{lookup}": value})


class CauseFilter(ShownWhileSet):
    """Filters by cause."""

    title = _("cause")
    parameter_name = "cause"

    def clean(self, value: str) -> Cause:
        try:
            return Cause(value)
        except ValueError as error:
            raise IncorrectLookupParameters(error) from error

    def label(self, value: Cause) -> str:
        return str(value.label)

    def chosen(self, records: Records, value: Cause) -> Records:
        return records.of_kind(cause=value)  # type: ignore[attr-defined,no-any-return]


class RequestFilter(ByText):
    """Filters by request: everything that one request or command did."""

    title = _("request")
    parameter_name = "request"
    longest = REQUEST_ID_LENGTH

    def chosen(self, records: Records, value: str) -> Records:
        return records.filter(request_id=value)


class WordsFilter(ByText):
    """Filters by words that all occur in the description, anywhere."""

    title = _("words of the reason")
    parameter_name = "words"
    longest = LONGEST_WORDS

    def chosen(self, records: Records, value: str) -> Records:
        return records.filter(reduce(and_, (Q(description__icontains=word) for word in value.split())))


FILTERS = (
    Since,
    Until,
    AccountFilter,
    PersonFilter,
    ActorFilter,
    ActorNameFilter,
    AddressFilter,
    CauseFilter,
    RequestFilter,
    WordsFilter,
)
"""The parameters that the form and links set."""


def _named(span: moments.Span) -> str:
    start, last = local_time.local(span.start), span.end - span.start
    if last >= moments.LENGTHS["day"]:
        return date_format(start, "DATE_FORMAT")
    return _to_the_second(start) if last <= moments.LENGTHS["second"] else date_format(start, "Y-m-d H:i")


def _to_the_second(moment: datetime) -> str:
    return date_format(moment, "Y-m-d H:i:s")


class FindForm(forms.Form):
    """The fields, filled with the current parameters. The form is sent by GET, and the filters above read it."""

    use_required_attribute = False

    since = forms.CharField(label=_("From"), required=False)
    until = forms.CharField(label=_("To"), required=False)
    name = forms.CharField(label=_("Person"), required=False, help_text=_("The beginning of the name"))
    by_name = forms.CharField(label=_("Actor"), required=False, help_text=_("The beginning of the name"))
    address = forms.CharField(
        label=_("Address"), required=False, help_text=_("An address, or a network such as 192.0.2.")
    )
    cause = forms.ChoiceField(label=_("Cause"), required=False, choices=[("", _("Any")), *Cause.choices])
    request = forms.CharField(label=_("Request"), required=False, help_text=_("The id that its records share"))
    words = forms.CharField(
        label=_("Words of the reason"),
        required=False,
        help_text=_("All must occur. Fast on PostgreSQL with pg_trgm; elsewhere, a long record takes longer."),
    )

    def __init__(self, request: HttpRequest) -> None:
        given = {name: request.GET[name] for name in self.base_fields if request.GET.get(name)}
        self.is_used = bool(given)
        for name in {"since", "until"} & set(given):
            given[name] = moments.in_a_field(given[name], is_end=name == "until")
        super().__init__(initial=given, auto_id="find-%s")
        for name, field in self.fields.items():
            if name in ("since", "until"):
                field.widget = forms.DateTimeInput({"type": "datetime-local", "step": "any"}, format="%Y")
            limit: Any = {"name": NAME_LENGTH, "by_name": NAME_LENGTH, "address": LONGEST_ADDRESS}.get(name)
            if limit:
                field.widget.attrs["maxlength"] = limit
