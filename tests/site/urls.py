"""Views that lock an account, in every way in which a view can."""

from django.urls import path

from tests.site import views

urlpatterns = [
    path("sync/<str:way>/<int:pk>/", views.lock),
    path("async/<str:way>/<int:pk>/", views.lock_async),
    path("fail/<int:pk>/", views.lock_and_fail),
]
