"""The stock admin: people and tokens can be looked after, the record can only be read."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from cases.accounts import revoke_token
from cases.models import ApiToken, Case, CaseEvent, Claim, Review, Signature, User


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The record changes through its actions only, never through a form."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(User)
class PersonAdmin(UserAdmin):  # type: ignore[type-arg]
    list_display = (
        "username",
        "first_name",
        "last_name",
        "role",
        "authority_amount",
        "authority_currency",
        "is_active",
    )
    list_filter = ("role", "is_active")
    fieldsets = (
        *(UserAdmin.fieldsets or ()),
        (_("Review"), {"fields": ("role", "authority_amount", "authority_currency", "hot_keys")}),
    )


@admin.register(Case)
class CaseAdmin(ReadOnlyAdmin):
    list_display = ("ref", "state", "source", "external_ref", "product", "amount", "currency", "received_at")
    list_filter = ("state", "product", "kind")
    search_fields = ("external_ref",)
    show_full_result_count = False
    # Names and numbers of people are shown on the desk alone, where it is kept who saw them.
    exclude = ("applicant", "features", "findings")


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    list_display = ("name", "scopes", "created_at", "revoked_at")
    exclude = ("token_hash",)
    actions = ["revoke"]

    @admin.action(description=_("Revoke the chosen tokens"), permissions=["view"])
    def revoke(self, request: HttpRequest, tokens: QuerySet[ApiToken]) -> None:
        for token in tokens:
            revoke_token(token.name)


@admin.register(CaseEvent)
class CaseEventAdmin(ReadOnlyAdmin):
    exclude = ("facts",)


admin.site.register([Claim, Review, Signature], ReadOnlyAdmin)
