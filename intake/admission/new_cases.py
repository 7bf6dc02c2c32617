"""A submission as it enters the record."""

from __future__ import annotations

from collections.abc import Sequence

from cases.arrivals import NewCase
from intake.gate.quality import QualityFinding
from intake.mapped.submission import Submission
from intake.values.outliers import NAMED_OTHERWISE


def new_case(submission: Submission, findings: Sequence[QualityFinding] = ()) -> NewCase:
    """A submission as it enters, with what was found about it. What a mapping put in the place of what is not told says
    nothing of a person, and a name that is somebody else's does not become theirs before someone has said so."""
    unsure = {name.removeprefix("applicant.") for name in submission.derived if name.startswith("applicant.")}
    if any(finding.code == NAMED_OTHERWISE for finding in findings):
        unsure.add("name")
    return NewCase(
        external_ref=submission.external_ref,
        content_hash=submission.content_hash,
        earlier_hashes=submission.earlier_hashes,
        kind=submission.kind,
        product=submission.product,
        industry=submission.industry,
        region=submission.region,
        channel=submission.channel,
        amount=submission.amount,
        currency=submission.currency,
        term_months=submission.term_months,
        applied_at=submission.applied_at,
        applicant_ref=submission.applicant.external_id,
        applicant_name=submission.applicant.name,
        segment=submission.applicant.segment,
        key_customer=submission.applicant.key_customer,
        applicant_told=[name for name in submission.applicant.told if name not in unsure],
        features=submission.features,
        derived=submission.derived,
        findings=[finding.as_dict() for finding in findings],
    )
