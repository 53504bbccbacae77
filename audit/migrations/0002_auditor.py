"""Marks the moment in which `audit.coming_and_going` makes the group of auditors, when all tables are there."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("user_audit", "0001_initial")]

    operations = []
