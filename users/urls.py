"""
The pages of the people themselves; Django's own views where there is one.

Our code finds them through `users.links.pages`, only by names in this namespace, because the project may have an
`account` or a `login` of its own.
"""

from __future__ import annotations

from django.contrib.auth import views as auth
from django.urls import path

from users.people import account, invitations, language, login, password_reset, unlock

app_name = "user_lifecycle"

urlpatterns = [
    path("", account.account, name="account"),
    path("leave/", account.leave, name="leave"),
    path("login/", login.LoginView.as_view(), name="login"),
    path("logout/", login.LogoutView.as_view(), name="logout"),
    path("password/change/", account.PasswordChangeView.as_view(), name="password_change"),
    path("password/reset/", password_reset.ResetView.as_view(), name="password_reset"),
    path(
        "password/reset/sent/",
        auth.PasswordResetDoneView.as_view(template_name="user_lifecycle/password_reset_done.html"),
        name="password_reset_done",
    ),
    path("password/reset/<uidb64>/<token>/", password_reset.ConfirmView.as_view(), name="password_reset_confirm"),
    path(
        "password/reset/done/",
        auth.PasswordResetCompleteView.as_view(template_name="user_lifecycle/password_reset_complete.html"),
        name="password_reset_complete",
    ),
    path("invitation/", invitations.ask_anew, name="ask_for_invitation"),
    path("invitation/asked/", invitations.asked, name="asked_for_invitation"),
    path("invitation/<token>/", invitations.accept, name="accept_invitation"),
    path("unlock/", unlock.ask_anew, name="ask_for_unlock_link"),
    path("unlock/asked/", unlock.asked, name="asked_for_unlock_link"),
    path("unlock/<token>/", unlock.unlock, name="unlock"),
    path("sessions/<int:pk>/end/", account.end_session, name="end_session"),
    path("language/", language.set_language, name="set_language"),
]
