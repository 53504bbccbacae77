from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from import_export.admin import ImportExportMixin
from import_export.resources import ModelResource

from audit.admin import RecordedUserAdmin


class People(ModelResource):
    class Meta:
        model = User
        fields = ("username", "email", "is_active")
        import_id_fields = ("username",)


admin.site.unregister(User)


@admin.register(User)
class ImportingUserAdmin(RecordedUserAdmin, ImportExportMixin, UserAdmin):
    resource_classes = [People]
