"""Tokens of service accounts, and the answers that are repeated for an `Idempotency-Key`."""

from __future__ import annotations

from datetime import datetime
from ipaddress import ip_address, ip_network
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from knox.models import AbstractAuthToken, get_digest_token
from knox.settings import CONSTANTS

from users.models import UserFSM


def validate_networks(networks: Any) -> None:
    """Raise `ValidationError` unless this is a list of networks such as `["10.0.0.0/8"]`."""
    for network in networks if isinstance(networks, list) else [networks]:
        try:
            ip_network(str(network))
        except ValueError as error:
            raise ValidationError(_("“%(network)s” is not a network.") % {"network": network}) from error


class ServiceToken(AbstractAuthToken):  # type: ignore[misc]
    """
    A token of a service account. Only its hash is stored; the token itself is shown once.

    It can do what the account is permitted, limited to `permissions`, from `networks`, until `expiry`. As a session, it
    ends for good when the account leaves `active`. django-rest-knox provides the token, its hash and the expiry.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="service_tokens",
        verbose_name=_("service account"),
    )
    name = models.CharField(_("name"), max_length=100, help_text=_("What it is used for, for example “Helpdesk”."))
    permissions = models.JSONField(_("permissions"), default=list, blank=True)
    networks = models.JSONField(
        _("networks"),
        default=list,
        blank=True,
        validators=[validate_networks],
        help_text=_("The networks from which it can be used. Empty: any network."),
    )
    expiry = models.DateTimeField(_("expires at"))
    version = models.PositiveIntegerField(_("version of the account"), default=0, editable=False)
    """The account's version when the token was made: any transition since then has ended it."""

    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True, editable=False)
    last_used_from = models.CharField(_("last used from"), max_length=64, blank=True, editable=False)
    created_by = models.CharField(_("created by"), max_length=255, blank=True, editable=False)

    class Meta:
        verbose_name = _("service token")
        verbose_name_plural = _("service tokens")
        default_permissions = ("view", "add", "delete")

    def __str__(self) -> str:
        return f"{self.name} ({self.token_key}…)"

    def issue(self) -> str:
        """Give this new row a token, save it, and return the token, which is stored nowhere."""
        self.digest, token = get_digest_token()
        self.version = UserFSM.objects.values_list("version", flat=True).get(user_id=self.user_id)
        self.token_key = token[: CONSTANTS.TOKEN_KEY_LENGTH]
        self.save(force_insert=True)
        return str(token)

    def revoke(self) -> None:
        """End this token now. The row stays, so that administrators can see what it was."""
        if self.revoked_at is None:
            self.revoked_at = timezone.now()
            self.save(update_fields=["revoked_at"])

    def is_valid_at(self, moment: datetime) -> bool:
        """Whether it is neither revoked nor expired."""
        return self.revoked_at is None and self.expiry > moment

    def is_valid_from(self, address: str) -> bool:
        """Whether a client with this address may use it."""
        if not self.networks:
            return True
        return bool(address) and any(ip_address(address) in ip_network(network) for network in self.networks)


class RememberedAnswer(models.Model):
    """The answer to a request with an `Idempotency-Key`, which is given again instead of doing the same again."""

    caller = models.CharField(max_length=255, editable=False)
    key = models.CharField(max_length=255, editable=False)
    fingerprint = models.CharField(max_length=64, editable=False)
    """A hash of the request: another request with the same key is a mistake of the client."""

    status = models.PositiveSmallIntegerField(null=True, editable=False)
    """Null while the first request is being answered."""

    body = models.JSONField(null=True, editable=False)
    headers = models.JSONField(default=dict, editable=False)
    created_at = models.DateTimeField(default=timezone.now, db_index=True, editable=False)

    class Meta:
        verbose_name = _("remembered answer")
        verbose_name_plural = _("remembered answers")
        default_permissions = ()
        constraints = (models.UniqueConstraint(name="rememberedanswer_one_per_key", fields=("caller", "key")),)

    def __str__(self) -> str:
        return self.key


class ScimIdentity(models.Model):
    """The identifier that an identity provider has for a user (`externalId`)."""

    LONGEST = 255

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="scim_identity")
    external_id = models.CharField(_("identifier of the provider"), max_length=LONGEST, blank=True, db_index=True)

    class Meta:
        verbose_name = _("identity of a provider")
        verbose_name_plural = _("identities of providers")
        default_permissions = ()

    def __str__(self) -> str:
        return self.external_id
