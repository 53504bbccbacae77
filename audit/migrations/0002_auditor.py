"""Marks the moment in which `audit.installation.coming_and_going` makes the group of auditors: all tables are there."""

from django.conf import settings
from django.db import migrations

NEEDED = [
    ("auth", "0012_alter_user_first_name_max_length"),
    ("contenttypes", "0002_remove_content_type_name"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("user_audit", "0001_initial"),
        # Tables of an app that is told to have no migrations (None) are there before any of ours.
        *(each for each in NEEDED if settings.MIGRATION_MODULES.get(each[0], "") is not None),
    ]

    operations = []
