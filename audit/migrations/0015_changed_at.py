"""Fills in since when each account has been in its state, from its last record; accounts without one stay unknown."""

from django.db import migrations
from django.db.models import OuterRef, Subquery

BATCH_SIZE = 5000


def fill(apps, schema_editor):
    alias = schema_editor.connection.alias
    accounts = apps.get_model("user_lifecycle", "UserFSM")._base_manager.using(alias)
    records = apps.get_model("user_audit", "UserStateAudit")._base_manager.using(alias)
    last = records.filter(
        user_id=OuterRef("user_id"), sequence=OuterRef("version"), end_state=OuterRef("current_state")
    ).values("datetime")
    keys = accounts.filter(changed_at=None).order_by("pk").values_list("pk", flat=True)
    batch = list(keys[:BATCH_SIZE])
    while batch:
        among = accounts.filter(pk__gte=batch[0], pk__lte=batch[-1], changed_at=None)
        among.update(changed_at=Subquery(last))
        batch = list(keys.filter(pk__gt=batch[-1])[:BATCH_SIZE])


class Migration(migrations.Migration):
    # Each batch is a transaction of its own, so that an interrupted run goes on where it stopped.
    atomic = False

    dependencies = [
        ("user_audit", "0014_finding_records"),
        ("user_lifecycle", "0010_changed_at"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
