"""Gives the accounts without any record their birth, so that each audit trail has a beginning."""

from django.contrib.auth import get_user_model
from django.db import migrations
from django.db.models import Exists, OuterRef
from django.utils import timezone

from audit.integrity.signed.adoption import birth

BATCH_SIZE = 2000


def record_births(apps, schema_editor):
    using = schema_editor.connection.alias
    record_model = apps.get_model("user_audit", "UserStateAudit")
    records = record_model._base_manager.using(using)
    accounts = apps.get_model("user_lifecycle", "UserFSM")._base_manager.using(using)
    unknown = accounts.filter(~Exists(records.filter(user=OuterRef("user")))).order_by("pk")
    rows = unknown.values_list(
        "pk", "user_id", f"user__{get_user_model().USERNAME_FIELD}", "current_state", "version", "locked_until"
    )
    batch = list(rows[:BATCH_SIZE])
    while batch:
        now = timezone.now()
        records.bulk_create(record_model(**birth(*account, moment=now)) for _, *account in batch)
        batch = list(rows.filter(pk__gt=batch[-1][0])[:BATCH_SIZE])


class Migration(migrations.Migration):
    dependencies = [("user_audit", "0003_format_2"), ("user_lifecycle", "0002_existing_users")]

    operations = [migrations.RunPython(record_births, migrations.RunPython.noop)]
