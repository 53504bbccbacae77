"""This site has no other emails than those to people, which have a page of their own: see `users.administration`."""

from django.contrib import admin
from post_office.models import Attachment, Email, EmailTemplate, Log

import users.admin  # noqa: F401 - which registers what is taken back here

for model in (Attachment, Email, EmailTemplate, Log):
    if admin.site.is_registered(model):
        admin.site.unregister(model)
