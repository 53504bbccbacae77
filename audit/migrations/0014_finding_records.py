"""Indexes to find records by request and, where PostgreSQL has the extension, by words of the reason."""

from django.db import migrations, models

from audit.models.indexes import AddTrigramIndex


class Migration(migrations.Migration):
    dependencies = [
        ("user_audit", "0013_index_of_kinds"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="userstateaudit",
            index=models.Index(fields=["request_id", "datetime", "id"], name="userstateaudit_by_request"),
        ),
        AddTrigramIndex("userstateaudit", "description", name="userstateaudit_words"),
    ]
