"""Invitations."""

from __future__ import annotations

from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from users import invitations
from users.api import accounts
from users.api.conventions.base import View
from users.api.openapi.schema import OpenApiExample, changing
from users.api.serializers import Account, Invitation
from users.models import UserFSM


class InvitationsView(View):
    """Invite a person."""

    permission = "user_lifecycle.invite_userfsm"

    @changing(
        Invitation,
        Account,
        status=201,
        operation_id="invite",
        tags=["people"],
        examples=[
            OpenApiExample(
                "With an end",
                {"email": "ada@example.com", "username": "ada", "ends_at": "2027-03-31T18:00:00Z"},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Create an account and queue the email with its invitation. With `ends_at` the account is deactivated then."""
        given = Invitation(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            user = invitations.invite(by=request.user, **given.validated_data)
        except ValueError as error:
            raise ValidationError({"ends_at": [str(error)]}) from error
        fsm = UserFSM.objects.select_related("user").get(user=user)
        return Response(accounts.brief(fsm), status=201, headers={"ETag": accounts.etag(fsm)})
