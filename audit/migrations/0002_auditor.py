from django.db import migrations

GROUP = "auditor"
PERMISSIONS = {
    "view_userstateaudit": "Can view change of state",
    "export_userstateaudit": "Can export changes of state",
}


def create_group(apps, schema_editor):
    """The role that may read and export the record. Django makes permissions after all migrations; it finds these."""
    using = schema_editor.connection.alias
    content_type, _ = (
        apps.get_model("contenttypes", "ContentType")
        .objects.using(using)
        .get_or_create(app_label="user_audit", model="userstateaudit")
    )
    group, _ = apps.get_model("auth", "Group").objects.using(using).get_or_create(name=GROUP)
    permissions = apps.get_model("auth", "Permission").objects.using(using)
    for codename, name in PERMISSIONS.items():
        permission, _ = permissions.get_or_create(content_type=content_type, codename=codename, defaults={"name": name})
        group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("user_audit", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    # Whoever goes back keeps the group: people may be in it.
    operations = [migrations.RunPython(create_group, migrations.RunPython.noop)]
