from django.contrib import admin

from audit.admin import RecordedUserAdmin
from tests.abroad.email_login.models import Person


@admin.register(Person)
class PersonAdmin(RecordedUserAdmin, admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    """As docs/adding.md says."""
