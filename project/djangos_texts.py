"""
Texts of Django's own pages that its Simplified Chinese translation lacks.

`makemessages` finds them here and adds them to our catalogue. A test reports those that Django has translated since.
"""

from django.utils.translation import gettext_noop, ngettext_lazy

MISSING = (
    gettext_noop("Model name"),
    gettext_noop("Add link"),
    gettext_noop("Change or view list link"),
    gettext_noop("After you’ve created a user, you’ll be able to edit more user options."),
    gettext_noop("Error:"),
    gettext_noop("Forgotten your login credentials?"),
    gettext_noop("In case you’ve forgotten, you are:"),
    ngettext_lazy(
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
    ),
)
