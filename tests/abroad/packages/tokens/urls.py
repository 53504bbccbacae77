from django.contrib import admin
from django.http import HttpResponse
from django.urls import include, path
from rest_framework.authtoken.views import obtain_auth_token
from rest_framework.decorators import api_view, permission_classes
from rest_framework.permissions import IsAuthenticated
from rest_framework_simplejwt.views import TokenObtainPairView, TokenRefreshView


@api_view()
@permission_classes([IsAuthenticated])
def me(request):
    """Who asks."""
    from rest_framework.response import Response

    return Response({"name": request.user.get_username()})


urlpatterns = [
    path("", lambda request: HttpResponse("ours")),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("token/", obtain_auth_token, name="token"),
    path("jwt/", TokenObtainPairView.as_view(), name="jwt"),
    path("jwt/refresh/", TokenRefreshView.as_view(), name="jwt_refresh"),
    path("me/", me),
]
