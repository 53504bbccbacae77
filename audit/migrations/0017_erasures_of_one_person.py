"""Erasures name one of those who had a key, and not all of them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("user_audit", "0016_steps_of_scheduled_changes"),
    ]

    operations = [
        migrations.AddField(
            model_name="auditerasure",
            name="since",
            field=models.DateTimeField(blank=True, null=True, verbose_name="from"),
        ),
        migrations.AddField(
            model_name="auditerasure",
            name="until",
            field=models.DateTimeField(blank=True, null=True, verbose_name="to"),
        ),
    ]
