from django.contrib import admin

from audit.admin import RecordedUserAdmin
from tests.abroad.odd_people.models import Worker


@admin.register(Worker)
class WorkerAdmin(RecordedUserAdmin, admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    search_fields = ("number",)
    exclude = ("password",)

    def get_queryset(self, request):
        return self.model.everybody.all()
