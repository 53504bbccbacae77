from django.contrib import admin

from audit.admin import RecordedUserAdmin
from tests.abroad.no_email.models import Player


@admin.register(Player)
class PlayerAdmin(RecordedUserAdmin, admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    """As docs/adding.md says."""
