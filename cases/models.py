"""All models of the record, as Django looks for them: people, cases, and what lies around a decision."""

from __future__ import annotations

from cases.desk_models import Conflict, DeskRules, Phrase, SavedView
from cases.file_models import Comment, Document, Notification, Skip
from cases.opinion_models import Adjudication, Band, Lean, Opinion, SecondLook
from cases.people import ApiToken, User
from cases.product_models import ProductName
from cases.record import Applicant, Case, CaseEvent, Claim
from cases.reveal_models import Reveal
from cases.review_models import Review, Signature
from cases.signoff_models import AskedSigner, Delegation, Reopening

__all__ = [
    "Adjudication",
    "ApiToken",
    "Applicant",
    "AskedSigner",
    "Band",
    "Case",
    "CaseEvent",
    "Claim",
    "Comment",
    "Conflict",
    "Delegation",
    "DeskRules",
    "Document",
    "Lean",
    "Notification",
    "Opinion",
    "Phrase",
    "ProductName",
    "Reopening",
    "Reveal",
    "Review",
    "SavedView",
    "SecondLook",
    "Signature",
    "Skip",
    "User",
]
