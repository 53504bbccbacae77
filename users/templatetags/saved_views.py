"""The saved views of a list, above it."""

from __future__ import annotations

from typing import Any

from django import template
from django.http import HttpRequest

from users.actors import logged_in_user
from users.administration.saved_views import choosing
from users.administration.saved_views.forms import SaveForm

register = template.Library()


@register.simple_tag
def saved_views(request: HttpRequest, cl: Any) -> dict[str, Any]:
    """Return the views of this list that the reader can choose from, and a form to save what it shows now."""
    page, query = cl.opts.label_lower, choosing.without_page(request.GET.urlencode())
    user = logged_in_user(request)
    views = [
        {"name": view.name, "address": choosing.address(view), "is_current": view.query == query}
        for view in choosing.of(user).filter(page=page)
    ]
    return {"views": views, "form": SaveForm(initial={"page": page, "query": query}, auto_id="saved_view_%s")}
