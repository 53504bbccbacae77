"""Gives the users who were there before this app their state: active or deactivated, as their `is_active` says."""

from django.conf import settings
from django.db import migrations
from django.db.models import Case, Value, When

BATCH_SIZE = 2000


def make_states(apps, schema_editor):
    user_model = apps.get_model(settings.AUTH_USER_MODEL)
    fsm_model = apps.get_model("user_lifecycle", "UserFSM")
    alias = schema_editor.connection.alias
    start = Case(When(is_active=True, then=Value("active")), default=Value("deactivated"))
    users = user_model._base_manager.using(alias).filter(fsm=None).annotate(start=start)
    starts = users.order_by("pk").values_list("pk", "start")
    batch = list(starts[:BATCH_SIZE])
    while batch:
        fsm_model._base_manager.using(alias).bulk_create(
            fsm_model(user_id=pk, current_state=state) for pk, state in batch
        )
        batch = list(starts.filter(pk__gt=batch[-1][0])[:BATCH_SIZE])


class Migration(migrations.Migration):
    dependencies = [("user_lifecycle", "0001_initial")]

    operations = [migrations.RunPython(make_states, migrations.RunPython.noop)]
