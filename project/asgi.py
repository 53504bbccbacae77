"""The entry point of ASGI servers: `uvicorn project.asgi:application`."""

import os

from django.core.asgi import get_asgi_application

from project.requests import AnyASGIRequest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

application = get_asgi_application()
application.request_class = AnyASGIRequest
