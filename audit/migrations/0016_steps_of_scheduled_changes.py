"""Signed notes of the steps of scheduled changes, also for those that were scheduled before there were any."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import users.database.moments
from audit.integrity.signed.scheduling import adopted

BATCH_SIZE = 2000


def note_what_is_scheduled(apps, schema_editor):
    using = schema_editor.connection.alias
    note = apps.get_model("user_audit", "SchedulingNote")
    changes = apps.get_model("user_lifecycle", "ScheduledChange")._base_manager.using(using).order_by("pk")
    last = 0
    while batch := list(changes.filter(pk__gt=last)[:BATCH_SIZE]):
        note._base_manager.using(using).bulk_create(step for change in batch for step in adopted(change, note))
        last = batch[-1].pk


class Migration(migrations.Migration):
    dependencies = [
        ("user_audit", "0015_changed_at"),
        ("user_lifecycle", "0008_who_settled"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SchedulingNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("signature", models.CharField(editable=False, max_length=128, verbose_name="signature")),
                ("datetime", models.DateTimeField(default=django.utils.timezone.now, verbose_name="time")),
                (
                    "actor_kind",
                    models.CharField(
                        choices=[
                            ("user", "A user"),
                            ("named", "A name given by code"),
                            ("anonymous", "Nobody logged in"),
                            ("cli", "The command line"),
                            ("system", "The system"),
                            ("machine", "A machine"),
                        ],
                        max_length=10,
                        verbose_name="kind of actor",
                    ),
                ),
                ("initiated_by", models.CharField(blank=True, max_length=255, verbose_name="initiated by")),
                (
                    "impersonator_name",
                    models.CharField(blank=True, max_length=255, verbose_name="name of the impersonator"),
                ),
                ("ip_address", models.CharField(blank=True, max_length=64, verbose_name="address")),
                ("user_agent", models.CharField(blank=True, max_length=500, verbose_name="user agent")),
                ("request_id", models.CharField(blank=True, max_length=64, verbose_name="request")),
                ("change", models.BigIntegerField(verbose_name="scheduled change")),
                ("username", models.CharField(blank=True, max_length=255, verbose_name="username")),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("scheduled", "Scheduled"),
                            ("done", "Done"),
                            ("refused", "Refused"),
                            ("cancelled", "Cancelled"),
                        ],
                        max_length=10,
                        verbose_name="what",
                    ),
                ),
                ("transition", models.CharField(max_length=50, verbose_name="transition")),
                ("at", models.DateTimeField(verbose_name="scheduled for")),
                ("until", models.DateTimeField(blank=True, null=True, verbose_name="locked until")),
                ("description", models.TextField(blank=True, verbose_name="description")),
                ("details", models.JSONField(blank=True, default=dict, verbose_name="details")),
                ("person_salt", models.CharField(blank=True, default="", editable=False, max_length=65)),
                ("actor_salt", models.CharField(blank=True, default="", editable=False, max_length=65)),
                (
                    "actor",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="actor",
                    ),
                ),
                (
                    "impersonator",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="impersonator",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "step of a scheduled change",
                "verbose_name_plural": "steps of scheduled changes",
                "get_latest_by": "pk",
                "abstract": False,
                "default_permissions": ("view",),
                "indexes": [models.Index(fields=["datetime", "id"], name="schedulingnote_by_time")],
                "constraints": [
                    models.CheckConstraint(
                        condition=users.database.moments.InRange("datetime"), name="schedulingnote_time_is_sane"
                    ),
                    models.UniqueConstraint(fields=("change", "what"), name="schedulingnote_one_per_step"),
                ],
            },
        ),
        migrations.RunPython(note_what_is_scheduled, migrations.RunPython.noop),
    ]
