"""What is written about people and systems rather than cases: API tokens, and how somebody wants to work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.errors import BadDecision
from cases.models import ApiToken, User
from cases.tokens import new_token

NAME_LONGEST: Final = 100


def create_token(name: str, *, scopes: Sequence[str]) -> str:
    """A new API token; the returned text is shown once and only its hash is kept.

    Raises:
        BadDecision: an unknown scope, or a name that is taken, missing or too long.
    """
    if not 0 < len(name) <= NAME_LONGEST:
        raise BadDecision("name", _("Give the token a name of at most 100 characters."))
    if not scopes or set(scopes) - set(ApiToken.Scope.values):
        raise BadDecision("scope", _("Choose from the scopes ingest, read, outcomes."))
    text, token_hash = new_token()
    with transaction.atomic(durable=True):
        _token, created = ApiToken.objects.get_or_create(
            name=name, defaults={"token_hash": token_hash, "scopes": list(scopes)}
        )
    if not created:
        raise BadDecision("name", _("A token of this name exists."))
    return text


def revoke_token(name: str) -> ApiToken:
    """End a token: from the next request on it opens nothing. A token that is revoked already stays as it was.

    Raises:
        BadDecision: no token of that name.
    """
    with transaction.atomic(durable=True):
        token = ApiToken.objects.select_for_update().filter(name=name).first()
        if token is None:
            raise BadDecision("name", _("There is no token of this name."))
        if token.revoked_at is None:
            token.revoked_at = timezone.now()
            token.save(update_fields=["revoked_at"])
    return token


def set_preferences(user: User, *, changes: Mapping[str, Any]) -> None:
    """Store how a person wants to work (hot keys, own keys, whether they go on to the next case)."""
    with transaction.atomic(durable=True):
        for name, value in changes.items():
            setattr(user, name, value)
        user.save(update_fields=list(changes))
