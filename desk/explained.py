"""The explanation of an assessment, read back from its row: reasons in words, for the applicant, against the cohort."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from scoring.ml.explanation import Explanation
from scoring.ml.features import FeatureTable
from scoring.ml.reasons import Reason, applicant_reasons, reason_rows
from scoring.models import Assessment


@dataclass(frozen=True)
class Explained:
    """One assessment beside the feature table that its model was trained with."""

    table: FeatureTable
    assessment: Assessment

    @property
    def reasons(self) -> list[Reason]:
        """The reasons as they were stored, for the reviewer."""
        found: list[Reason] = self.assessment.reasons
        return found

    @cached_property
    def applicant(self) -> list[Reason]:
        """What the applicant may be told; nothing where the explanation does not add up.

        Assessments of before the model was asked about it keep none; theirs are made here, untested.
        """
        found = self.assessment
        if not found.explanation_holds:
            return []
        if found.applicant_reasons is not None:
            kept: list[Reason] = found.applicant_reasons
            return kept
        explanation = Explanation(found.base_value, np.array([found.contributions]))
        norms, usual = found.model.norms, found.model.usual
        return applicant_reasons(self.table, explanation, self._values, norms, self._unreadable, usual)[0]

    @cached_property
    def cohort(self) -> list[Reason]:
        """What sets the case apart from the loans just approved; nothing for a model that does not know them."""
        found = self.assessment
        if found.cohort_base_value is None or not found.explanation_holds:
            return []
        explanation = Explanation(found.cohort_base_value, np.array([found.cohort_contributions]))
        return reason_rows(self.table, explanation, self._values, found.model.cohort_norms, self._unreadable)[0]

    @property
    def missing(self) -> list[str]:
        """Names of the features that were not given at all; derived ones only where no other is missing."""
        found = self.assessment
        known = {*found.unreadable, *found.stale}
        absent = [
            feature
            for feature, value in zip(self.table.features, found.values, strict=True)
            if value is None and feature.name not in known
        ]
        return [feature.name for feature in absent if feature.formula is None] or [feature.name for feature in absent]

    @property
    def _values(self) -> NDArray[np.float64]:
        return np.array([self.assessment.values], dtype=np.float64)

    @property
    def _unreadable(self) -> NDArray[np.bool_]:
        return np.array([[name in self.assessment.unreadable for name in self.table.names]], dtype=np.bool_)
