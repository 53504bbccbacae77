"""Forms for inviting people."""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from users.administration.scheduling.forms import DATE_AND_TIME
from users.database.moments import in_the_future
from users.exceptions import ListNotReadable, ListTooLong
from users.invitations import lists
from users.invitations.lines import People
from users.rows.user_model import address_is_name, has_field, required_fields

LONGEST_FILE = 256 * 1024  # bytes
MOST_PEOPLE = 500
"""The browser waits while the emails are sent. For longer lists there is `manage.py invite`."""


class OnePersonForm(forms.Form):
    """Asks for one person, with what the user model asks for; `users.invitations` checks what was typed."""

    email = forms.EmailField(label=_("Email"), max_length=254)
    username = forms.CharField(label=_("Username"), max_length=150)
    ends_at = forms.DateTimeField(
        label=_("The account ends"),
        required=False,
        widget=DATE_AND_TIME,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if address_is_name() and not has_field("username"):
            del self.fields["username"]
        self.others = {field.name: asked for field in required_fields() if (asked := field.formfield())}
        self.fields |= self.others
        self.order_fields(["email", "username", *self.others])
        ends = _("The account is deactivated at that time (%(zone)s). Leave this empty for no end.")
        self.fields["ends_at"].help_text = ends % {"zone": timezone.get_current_timezone_name()}

    def clean(self) -> dict[str, Any]:
        """Let the address stand for the username of people who have no other name."""
        cleaned = super().clean() or self.cleaned_data
        others = {name: cleaned.pop(name) for name in self.others if name in cleaned}
        return {"username": cleaned.get("email", ""), "fields": others} | cleaned

    def add_problems(self, problems: ValidationError) -> None:
        """Say what `users.invitations` found, beside the field or, for others of the user model, above the form."""
        user_model = get_user_model()
        ours = {user_model.USERNAME_FIELD: "username", user_model.get_email_field_name(): "email"}
        for name, errors in problems.error_dict.items():
            field = ours.get(name, name)
            self.add_error(field if field in self.fields else None, errors)

    def clean_ends_at(self) -> Any:
        ends_at = self.cleaned_data["ends_at"]
        return ends_at and in_the_future(ends_at)


class ListForm(forms.Form):
    """Takes a list: uploaded as `file`, or sent again as `content` after the preview."""

    file = forms.FileField(
        label=_("CSV file"),
        required=False,
        help_text=_("The first line names the columns: email,username, and ends for accounts that end."),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )
    content = forms.CharField(required=False, widget=forms.HiddenInput)

    lines: People
    data_of_list: bytes

    def clean_file(self) -> UploadedFile[bytes] | None:
        """Refuse a file that is too large, before reading it."""
        file: UploadedFile[bytes] | None = self.cleaned_data["file"]
        if file is not None and (file.size or 0) > LONGEST_FILE:
            raise ValidationError(_("The file is larger than %s.") % filesizeformat(LONGEST_FILE))
        return file

    def clean(self) -> dict[str, Any]:
        """Read the list into `lines`."""
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        try:
            self.data_of_list = self._data(cleaned)
            self.lines = lists.read(self.data_of_list, most=MOST_PEOPLE)
        except ListNotReadable as error:
            raise ValidationError(str(error)) from error
        except ListTooLong as error:
            text = _(
                "The list has %(count)d people. At most %(most)d can be invited here; manage.py invite accepts more."
            )
            raise ValidationError(text % {"count": error.count, "most": MOST_PEOPLE}) from error
        except NotBase64 as error:
            raise ValidationError(_("Choose the file again.")) from error
        return cleaned

    def once_more(self) -> str:
        """Return the list as uploaded, as a value for `content`."""
        return b64encode(self.data_of_list).decode()

    def _data(self, cleaned: dict[str, Any]) -> bytes:
        if file := cleaned.get("file"):
            data: bytes = file.read()
            return data
        if content := cleaned.get("content"):
            return b64decode(content.encode(), validate=True)
        raise ListNotReadable(_("Choose a file."))
