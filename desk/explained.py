"""The explanation of an assessment, read back from its row: reasons in words, for the applicant, against the cohort."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from scoring.ml.features import FeatureTable
from scoring.ml.reasons import Basis, Reason, applicant_reasons, reason_rows
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
        basis = self._basis(found.base_value, found.contributions, found.model.norms, found.model.usual)
        return applicant_reasons(self.table, basis)[0]

    @cached_property
    def cohort(self) -> list[Reason]:
        """What sets the case apart from the loans just approved; nothing for a model that does not know them.

        Of assessments of before the model was asked about it, only what speaks for the case: the rest is untested.
        """
        found = self.assessment
        if found.cohort_base_value is None or not found.explanation_holds:
            return []
        if found.cohort_reasons is not None:
            kept: list[Reason] = found.cohort_reasons
            return kept
        basis = self._basis(found.cohort_base_value, found.cohort_contributions, found.model.cohort_norms, None)
        return [reason for reason in reason_rows(self.table, basis)[0] if reason["direction"] == "down"]

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

    def _basis(
        self,
        base: float,
        contributions: Sequence[float],
        norms: Mapping[str, float | None],
        usual: Mapping[str, float] | None,
    ) -> Basis:
        row_of = self.table.row_of
        known = row_of(usual)[None, :] if usual else None
        return Basis(base, np.array([contributions]), self._values, row_of(norms)[None, :], known, self._unreadable)

    @property
    def _values(self) -> NDArray[np.float64]:
        return np.array([self.assessment.values], dtype=np.float64)

    @property
    def _unreadable(self) -> NDArray[np.bool_]:
        return np.array([[name in self.assessment.unreadable for name in self.table.names]], dtype=np.bool_)
