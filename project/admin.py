"""The differences between this site's admin and that of Django and its packages."""

from django.contrib import admin
from django.contrib.auth.models import Group
from post_office.models import Attachment, Email, EmailTemplate, Log

from users.admin import StateGroupAdmin
from users.administration.permission_names import TranslatedPermissions
from users.lists import ListAdmin

# There are no other emails than those to people, which have a page of their own: see `users.administration`.
for model in (Attachment, Email, EmailTemplate, Log):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


class TranslatedGroupAdmin(TranslatedPermissions, ListAdmin, StateGroupAdmin):
    """Groups, in a list like the others, with permissions in the reader's language."""


if admin.site.is_registered(Group):
    admin.site.unregister(Group)
admin.site.register(Group, TranslatedGroupAdmin)
