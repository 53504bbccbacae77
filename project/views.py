from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils import translation

MALFORMED = "The request is malformed."


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Redirect administrators to the admin, and everybody else to their own account."""
    return redirect("admin:index" if getattr(request.user, "is_staff", False) else "user_lifecycle:account")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """
    `handler400`: say in the language of this request that it could not be understood.

    Django's own view checks the CSRF token first and reads the form for that. An unreadable form would lead to a 500.
    Where a request is refused before `LocaleMiddleware`, the thread still has the language of an earlier visitor.
    """
    if request.path_info.startswith("/api/"):  # for programs, as problem details (RFC 9457)
        problem = {"type": "about:blank", "title": "Bad Request", "status": 400, "detail": MALFORMED}
        return JsonResponse(problem, status=400, content_type="application/problem+json")
    if request.path_info.startswith("/scim/"):  # as RFC 7644, 3.12, has errors
        error = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "400", "detail": MALFORMED}
        return JsonResponse(error, status=400, content_type="application/scim+json")
    with translation.override(translation.get_language_from_request(request)):
        return HttpResponse(render_to_string("400.html"), status=400)
