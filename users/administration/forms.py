"""The forms that ask for a reason."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from users.operations import Operation

REASON_LENGTH = 1000
"""The longest text that an administrator can enter, in characters."""


class ReasonForm(forms.Form):
    """The reason of an operation: a common one, the administrator's own words, or both."""

    common = forms.ChoiceField(label=_("Reason"), required=False, widget=forms.RadioSelect)
    own_words = forms.CharField(
        label=_("In your own words"),
        required=False,
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 60}),
    )

    def __init__(
        self, operation: Operation, data: QueryDict | None = None, *, own_words: str = "", of: str = ""
    ) -> None:
        # Each form has its own ids, because a person's page has one for each operation and one for each session.
        super().__init__(data, auto_id=f"{of or operation.name}_%s", initial={"own_words": own_words})
        texts = [str(reason) for reason in operation.wording.reasons]
        self.fields["common"].choices = [(text, text) for text in texts]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Raise `ValidationError` if no reason is given."""
        cleaned = super().clean() or {}
        if not self.errors and not self.reason:
            raise forms.ValidationError(_("Give a reason. It becomes part of the audit trail."), code="required")
        return cleaned

    @property
    def reason(self) -> str:
        """The description for the record."""
        return ": ".join(filter(None, (self.cleaned_data.get("common"), self.cleaned_data.get("own_words"))))


class ReasonField(forms.CharField):
    """A reason in the administrator's own words."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Reason"),
            max_length=REASON_LENGTH,
            widget=forms.Textarea(attrs={"rows": 2, "cols": 60}),
            error_messages={"required": _("Give a reason. It becomes part of the audit trail.")},
        )


class OwnReasonForm(forms.Form):
    """A reason in the administrator's own words alone, as for a deletion."""

    reason = ReasonField()
