"""The entry point of WSGI servers: `gunicorn project.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

from project.requests import AnyWSGIRequest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

application = get_wsgi_application()
application.request_class = AnyWSGIRequest
