"""
Texts of Django's own pages that its Simplified Chinese translation lacks, and what django-post-office calls its rows.

`makemessages` finds them here and adds them to our catalogue. A test reports those that Django has translated since.
"""

from django.utils.translation import gettext_noop, ngettext_lazy, pgettext_lazy

MISSING = (
    gettext_noop("Model name"),
    gettext_noop("Add link"),
    gettext_noop("Change or view list link"),
    gettext_noop("After you’ve created a user, you’ll be able to edit more user options."),
    gettext_noop("Error:"),
    gettext_noop("Forgotten your login credentials?"),
    gettext_noop("In case you’ve forgotten, you are:"),
    gettext_noop("Log"),
    gettext_noop("Logs"),
    pgettext_lazy("Email address", "Email"),
    pgettext_lazy("Email addresses", "Emails"),
    ngettext_lazy(
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
    ),
)
