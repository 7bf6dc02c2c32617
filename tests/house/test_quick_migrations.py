"""Quick migrations write constraints and indexes into the models of their state, and make no model anew for them."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.migrations.state import ModelState, ProjectState

from tests.quick_migrations import options_change_in_place

POSITIVE = models.CheckConstraint(condition=models.Q(amount__gt=0), name="positive")
BY_AMOUNT = models.Index(fields=["amount"], name="by_amount")


def a_model(name: str, **fields: models.Field[Any, Any]) -> ModelState:
    key: models.Field[Any, Any] = models.AutoField(primary_key=True)
    return ModelState("bank", name, {"id": key, **fields}, options={"constraints": [], "indexes": []})


def two_models() -> ProjectState:
    """A loan and its payment, made as in the middle of a run of migrations."""
    state = ProjectState()
    state.add_model(a_model("Loan", amount=models.IntegerField()))
    state.add_model(a_model("Payment", loan=models.ForeignKey("bank.Loan", models.CASCADE)))
    assert len(state.apps.get_models()) == 2
    return state


def test_what_is_added_and_removed_stands_in_the_model_that_is_there() -> None:
    state = two_models()
    before = state.clone()
    loan, payment = state.apps.get_model("bank.Loan"), state.apps.get_model("bank.Payment")
    with options_change_in_place():
        state.add_constraint("bank", "loan", POSITIVE)
        state.add_index("bank", "loan", BY_AMOUNT)
        assert (state.apps.get_model("bank.Loan"), state.apps.get_model("bank.Payment")) == (loan, payment)
        assert loan._meta.constraints == [POSITIVE]
        assert loan._meta.indexes == [BY_AMOUNT]
        assert state.models["bank", "loan"].options == {"constraints": [POSITIVE], "indexes": [BY_AMOUNT]}
        assert before.models["bank", "loan"].options == {"constraints": [], "indexes": []}
        # A step that makes the model anew finds them.
        state.add_field("bank", "loan", "term", models.IntegerField(), preserve_default=True)
        made = state.apps.get_model("bank.Loan")
        assert made is not loan
        assert (made._meta.constraints, made._meta.indexes) == ([POSITIVE], [BY_AMOUNT])
        state.remove_constraint("bank", "loan", "positive")
        state.remove_index("bank", "loan", "by_amount")
        assert state.apps.get_model("bank.Loan") is made
        assert (made._meta.constraints, made._meta.indexes) == ([], [])
        assert state.models["bank", "loan"].options == {"constraints": [], "indexes": []}


def test_a_state_that_has_made_no_model_yet_only_notes_the_change() -> None:
    state = ProjectState()
    state.add_model(a_model("Loan", amount=models.IntegerField()))
    with options_change_in_place():
        state.add_constraint("bank", "loan", POSITIVE)
    assert "apps" not in state.__dict__
    assert state.apps.get_model("bank.Loan")._meta.constraints == [POSITIVE]


def test_afterwards_django_does_as_always() -> None:
    state = two_models()
    loan = state.apps.get_model("bank.Loan")
    with options_change_in_place():
        pass
    state.add_constraint("bank", "loan", POSITIVE)
    assert state.apps.get_model("bank.Loan") is not loan
