"""Operations on one account and on many; each calls what the administration calls."""

from __future__ import annotations

from collections import Counter
from typing import Any, ClassVar

from django.db import router, transaction
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from users import operations
from users.actors import ActorKind, kind_of_user, logged_in_user
from users.api import accounts
from users.api.conventions import problems
from users.api.conventions.base import View
from users.api.openapi.schema import IF_MATCH, KEY, OpenApiExample, changing
from users.api.serializers import Changed, LockReason, Many, Reason, Result
from users.models import UserFSM
from users.operations import Operation, Tally, transitioning
from users.rows.provisioning import provision_missing

UNKNOWN = "no such account"


class OperationView(View):
    """One operation on one account. A subclass for each is made by `views`."""

    operation: ClassVar[Operation]
    reason: ClassVar[type[Reason]] = Reason

    def check_permissions(self, request: Request) -> None:
        super().check_permissions(request)
        account = UserFSM.objects.filter(user_id=accounts.key_of(self.kwargs["key"]))
        self.operation.require_permission(request.user, account)

    def post(self, request: Request, key: str) -> Response:
        """Carry it out, or say why not."""
        given = self.reason(data=request.data)
        given.is_valid(raise_exception=True)
        words = words_of(given.validated_data, request)
        tally, fsm = self._if_unchanged(request, accounts.key_of(key), words)
        if not tally.changed:
            raise refusal(self.operation, fsm, tally)
        body = {**accounts.brief(fsm), "without_way_in": bool(tally.without_way_in)}
        return Response(body, headers={"ETag": accounts.etag(fsm)})

    def _if_unchanged(self, request: Request, user_id: Any, words: dict[str, Any]) -> tuple[Tally, UserFSM]:
        """Carry it out; where the account had none of the versions in `If-Match`, undo it and raise 412."""
        expected = accounts.expected_versions(request)
        if expected is None:
            return self._carry_out(request, user_id, words)
        with transaction.atomic(using=router.db_for_write(UserFSM)):
            tally, fsm = self._carry_out(request, user_id, words)
            before = fsm.version - VERSIONS.get(self.operation.name, 0) * tally.changed
            if before not in expected:
                raise problems.changed_meanwhile(before)
        return tally, fsm

    def _carry_out(self, request: Request, user_id: Any, words: dict[str, Any]) -> tuple[Tally, UserFSM]:
        by = logged_in_user(request)
        if self.operation.name in TRANSITIONS:
            tally, fsm = transitioning.move_one(self.operation.name, user_id, by=by, **words)
        else:
            selected = UserFSM.objects.filter(user_id=user_id)
            tally = self.operation.carry_out(selected, by=by, **without_details(words))
            fsm = selected.select_related("user").first()
        if fsm is None:
            raise Http404
        return tally, fsm


class ManyView(View):
    """One operation on many accounts."""

    operation: ClassVar[Operation]

    def check_permissions(self, request: Request) -> None:
        super().check_permissions(request)
        self.operation.require_permission(request.user, UserFSM.objects.none())

    def post(self, request: Request) -> Response:
        """Carry it out, or with `dry_run` say what it would do."""
        given = Many(data=request.data)
        given.is_valid(raise_exception=True)
        keys, unknown = _keys(given.validated_data["users"])
        provision_missing(using=router.db_for_write(UserFSM), among=keys)
        selected = UserFSM.objects.filter(user_id__in=keys)
        known = dict(selected.values_list("pk", "user_id"))
        words = words_of(given.validated_data, request)
        if "until" in words and self.operation.name != "lock":
            raise ValidationError({"until": [_("Only a lock has an end.")]})
        if given.validated_data["dry_run"]:
            tally = self.operation.preview(selected, by=logged_in_user(request))
        elif self.operation.name in TRANSITIONS:
            tally = transitioning.move(self.operation.name, selected, by=logged_in_user(request), **words)
        else:
            tally = self.operation.carry_out(selected, by=logged_in_user(request), **without_details(words))
        missing = [*unknown, *(str(key) for key in set(keys).difference(known.values()))]
        named = [(str(known[pk]), why) for pk, why in tally.named if pk in known]
        left = Counter(tally.left) + Counter({UNKNOWN: len(missing)})
        body = {
            "changed": tally.changed,
            "without_way_in": tally.without_way_in,
            "left": [{"reason": reason, "count": count} for reason, count in left.most_common()],
            "left_accounts": [{"id": key, "reason": why} for key, why in named + [(key, UNKNOWN) for key in missing]],
            "dry_run": given.validated_data["dry_run"],
        }
        return Response(body)


TRANSITIONS = frozenset(each.name for each in UserFSM.transitions())
VERSIONS = {**dict.fromkeys(TRANSITIONS, 1), "keep_locked": 2}
"""By how much an operation raises the version of an account."""


def words_of(given: Any, request: Request) -> dict[str, Any]:
    """The keywords of a transition."""
    words: dict[str, Any] = {"description": given["description"]}
    details = {}
    if given.get("on_behalf_of"):
        details["on_behalf_of"] = given["on_behalf_of"]
    if kind_of_user(logged_in_user(request)) is ActorKind.MACHINE:
        details["token"] = request.auth.name  # type: ignore[union-attr]
    if details:
        words["details"] = details
    if given.get("until"):
        words["until"] = given["until"]
    return words


def without_details(words: dict[str, Any]) -> dict[str, Any]:
    """
    Return the keywords of an operation that is no transition. The person for whom it is done becomes part of the
    reason.
    """
    person = words.get("details", {}).get("on_behalf_of")
    description = words["description"]
    return {"description": f"{description} (on behalf of {person})" if person else description}


def refusal(operation: Operation, fsm: UserFSM, tally: Tally) -> problems.Problem:
    """Why an account was left as it is."""
    name, reason = accounts.path_name(operation), next(iter(tally.left), "")
    if fsm.current_state in operation.sources and operation.name in TRANSITIONS:
        return problems.protected(name, reason)
    return problems.wrong_state(name, fsm.current_state, reason or "left as it is")


def _keys(texts: list[str]) -> tuple[list[Any], list[str]]:
    keys, unknown = [], []
    for text in dict.fromkeys(texts):
        try:
            keys.append(accounts.key_of(text))
        except Http404:
            unknown.append(text)
    return keys, unknown


def views() -> list[tuple[str, type[OperationView], type[ManyView]]]:
    """A view for one account and one for many, for each operation, with its name in paths."""
    return [(accounts.path_name(each), _one(each), _many(each)) for each in operations.ALL.values()]


def _one(operation: Operation) -> type[OperationView]:
    reason = LockReason if operation.name == "lock" else Reason
    label, consequence = str(operation.wording.label), str(operation.wording.consequence)
    example = OpenApiExample("A reason", {"description": "reported stolen"}, request_only=True)
    describe = changing(
        reason,
        Changed,
        operation_id=operation.name,
        tags=["people"],
        parameters=(KEY, IF_MATCH),
        summary=label,
        description=consequence,
        examples=[example],
    )
    attributes = {"operation": operation, "reason": reason, "post": describe(_copied(OperationView.post))}
    return type(f"{operation.name.title()}View", (OperationView,), attributes)


def _many(operation: Operation) -> type[ManyView]:
    example = OpenApiExample(
        "Try it first",
        {"users": ["7", "8"], "description": "left the company", "dry_run": True},
        request_only=True,
    )
    describe = changing(
        Many,
        Result,
        operation_id=f"{operation.name}_many",
        tags=["many"],
        summary=str(operation.wording.selected),
        description=str(operation.wording.consequence),
        examples=[example],
    )
    attributes = {"operation": operation, "post": describe(_copied(ManyView.post))}
    return type(f"{operation.name.title()}ManyView", (ManyView,), attributes)


def _copied(method: Any) -> Any:
    """The same method as a function of its own: `extend_schema` writes on what it decorates."""

    def post(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        response: Response = method(self, request, *args, **kwargs)
        return response

    return post
