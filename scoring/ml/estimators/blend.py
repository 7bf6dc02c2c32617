"""The blend: several recipes added up in log-odds, each by a weight that was learned on loans it had not seen."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations_with_replacement
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr
from sklearn.base import clone

from scoring.ml.columns import Columns
from scoring.ml.estimators.logistic import LogisticFit, fit_logistic
from scoring.ml.estimators.risk_classifier import RiskClassifier
from scoring.ml.folds import stratified_folds
from scoring.ml.forms import AnyForm, BlendForm, Member
from scoring.ml.sample_weights import Weights, mean, of_rows

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
# Told the steps done, the steps in all and the name of the member that was just trained.
Progress = Callable[[int, int, str], None]

FOLDS = 5
# Above so many rows three folds are enough, and save a third of the time.
ROWS_OF_FEWER_FOLDS = 20_000
# Pull of the weights to the prior ones, as if this many loans (times p (1 - p)) said so.
PRIOR_LOANS = 40.0
# A member with a smaller share of the blend's spread is left out, so that scoring need not compute it.
LEAST_SHARE = 0.08
# What the plain member gets for itself, as a share of the chance that the blend is no better.
SHARE_OF_DISTRUST = 0.75
# Standard errors by which the blend has to be better (the rule of one standard error, Breiman et al. 1984).
CAUTION = 1.0


class BlendRisk(RiskClassifier):
    """Log-odds = intercept + sum of weight times log-odds of the members, all weights at least 0.

    `estimators` are pairs of a name and a recipe; `prior` gives a member another say than 1 before the data
    speak. Weights are a logistic regression on log-odds of members that were trained on other folds, pulled to the
    prior where data are few; members of little weight are left out and the rest weighed again.

    `plain` names the member that the blend has to better, for where risk is a sum of smooth effects the others are
    noisy copies of one truth, and the pull to equal weights costs more than they bring. Three quarters of the chance
    that the blend is not clearly better (`trust`) are the share of the log-odds that this member gets for itself:
    log-loss is convex, so where the blend is not better, its best share lies between nought and a half.

    Learned: `form_`; `member_names_` (m,) and `member_forms_` of all candidates; `weights_` (m,), 0 where left out;
    `fold_of_` (n,); `member_out_of_fold_` (n, m), log-odds by members trained without the row's fold; `out_of_fold_`
    (n,), their blend with weights that were fitted without the row's fold.
    """

    form_: BlendForm
    member_names_: tuple[str, ...]
    member_forms_: dict[str, AnyForm]
    weights_: FloatArray
    fold_of_: IntArray
    member_out_of_fold_: FloatArray
    out_of_fold_: FloatArray

    def __init__(
        self,
        estimators: Sequence[tuple[str, RiskClassifier]],
        prior: Mapping[str, float] | None = None,
        plain: str | None = None,
        categorical: Sequence[bool] | None = None,
        monotone_constraints: Sequence[int] | None = None,
        special_values: Sequence[Sequence[float]] | None = None,
        random_state: Any = None,
    ) -> None:
        self.estimators = estimators
        self.prior = prior
        self.plain = plain
        self.categorical = categorical
        self.monotone_constraints = monotone_constraints
        self.special_values = special_values
        self.random_state = random_state

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        progress: Progress | None = None,
    ) -> Self:
        """Learn from X (n, k), NaN allowed, and two classes y (n,); `progress` is called after each of the fits.

        What is learned of each row leaves out the rows of weight 0.
        """
        self._progress = progress
        try:
            return super().fit(X, y, sample_weight)
        finally:
            del self._progress

    def _fit_form(
        self, values: FloatArray, bad: FloatArray, columns: Columns, seed: int, weights: Weights
    ) -> BlendForm:
        self.member_names_ = tuple(name for name, _ in self.estimators)
        self.fold_of_ = _folds(bad, seed)
        steps = (self.fold_of_.max() + 2) * len(self.estimators)
        done = 0

        def trained(member: int, rows: BoolArray) -> AnyForm:
            nonlocal done
            name, estimator = self.estimators[member]
            form = self._member(estimator, columns, seed).fit(values[rows], bad[rows], of_rows(weights, rows)).form_
            done += 1
            if self._progress:
                self._progress(done, int(steps), name)
            return form

        self.member_out_of_fold_ = np.empty((len(values), len(self.estimators)))
        for others, here in _splits(self.fold_of_):
            for member in range(len(self.estimators)):
                self.member_out_of_fold_[here, member] = trained(member, others).log_odds(values[here])
        everything = np.ones(len(values), dtype=np.bool_)
        forms = [trained(member, everything) for member in range(len(self.estimators))]
        self.member_forms_ = dict(zip(self.member_names_, forms, strict=True))
        return self._weighed(bad, weights)

    def _weighed(self, bad: FloatArray, weights: Weights) -> BlendForm:
        usual = np.array([(self.prior or {}).get(name, 1.0) for name in self.member_names_])
        prior = usual / usual.sum()
        seen = self.member_out_of_fold_
        plain = None if self.plain is None else self.member_names_.index(self.plain)

        def weighed(rows: BoolArray, blended: FloatArray) -> LogisticFit:
            mine = of_rows(weights, rows)
            fit = fit_weights(seen[rows], bad[rows], prior, mine)
            if plain is None:
                return fit
            chance = trust(blended[rows], seen[rows, plain], bad[rows], mine)
            return shared(fit, plain, SHARE_OF_DISTRUST * (1.0 - chance))

        blended = self._blended(bad, prior, weights)
        self.out_of_fold_ = np.empty(len(bad))
        for fold, (others, here) in enumerate(_splits(self.fold_of_)):
            self.out_of_fold_[here] = weighed(others, blended[fold]).log_odds(seen[here])
        fit = weighed(np.ones(len(bad), dtype=np.bool_), blended[self.fold_of_, np.arange(len(bad))])
        self.weights_ = fit.weights
        return BlendForm(
            fit.intercept,
            tuple(
                Member(name, float(weight), self.member_forms_[name])
                for name, weight in zip(self.member_names_, fit.weights, strict=True)
                if weight > 0.0
            ),
        )

    def _blended(self, bad: FloatArray, prior: FloatArray, weights: Weights) -> FloatArray:
        """Blend (f, n) of each row by weights that saw neither its fold nor fold f, before the plain one's share."""
        seen, folds = self.member_out_of_fold_, int(self.fold_of_.max()) + 1
        blended = np.empty((folds, len(bad)))
        for one, other in combinations_with_replacement(range(folds), 2):
            rest = ~np.isin(self.fold_of_, (one, other))
            if not rest.any():
                rest[:] = True
            log_odds = fit_weights(seen[rest], bad[rest], prior, of_rows(weights, rest)).log_odds(seen)
            for fold, unseen in ((one, other), (other, one)):
                here = self.fold_of_ == unseen
                blended[fold, here] = log_odds[here]
        return blended

    def _member(self, estimator: RiskClassifier, columns: Columns, seed: int) -> RiskClassifier:
        member: RiskClassifier = clone(estimator)
        member.set_params(
            categorical=columns.categorical,
            monotone_constraints=columns.directions,
            special_values=columns.specials,
            random_state=seed,
        )
        return member


def trust(blended: FloatArray, plain: FloatArray, bad: FloatArray, weights: Weights = None) -> float:
    """Chance that a blend has a log-loss lower than a plain model's by more than `CAUTION` standard errors of the
    difference, by their log-odds (n,) of loans new to both.

    The mean gain of the loans over its standard error, as a normal variable: what pseudo-BMA weights with a Bayesian
    bootstrap come to for two models (Yao, Vehtari, Simpson and Gelman 2018).
    """
    gain = (np.logaddexp(0.0, plain) - bad * plain) - (np.logaddexp(0.0, blended) - bad * blended)
    usual = mean(gain, weights)
    if weights is None:
        error = gain.std() / np.sqrt(len(gain))
    else:
        error = np.sqrt(np.square(weights * (gain - usual)).sum()) / weights.sum()
    return float(ndtr(usual / error - CAUTION)) if error > 0.0 else 1.0


def fit_weights(log_odds: FloatArray, bad: FloatArray, prior: FloatArray, weights: Weights = None) -> LogisticFit:
    """Weights (m,) >= 0 and intercept for members' log-odds (n, m) and outcomes (n,), pulled to `prior` (m,).

    `weights` (n,) are those of the loans. Members whose share of the summed spread (weight times standard deviation) is
    small get 0; at least one stays.
    """
    spread = np.maximum(_spread(log_odds, weights), 1e-6)
    kept = np.ones(log_odds.shape[1], dtype=np.bool_)
    while True:
        centre = np.where(kept, prior, 0.0) / max(prior[kept].sum(), 1e-12)
        fit = fit_logistic(
            log_odds,
            bad,
            penalty=np.diag(PRIOR_LOANS * spread**2),
            centre=centre,
            low=np.zeros(len(prior)),
            high=np.where(kept, np.inf, 0.0),
            weights=weights,
        )
        share = fit.weights * spread
        if not share.any():
            # No member is of any use on loans it has not seen: keep what is usual rather than nothing.
            return LogisticFit(prior, 0.0)
        little = kept & (share < LEAST_SHARE * share.sum())
        if not little.any():
            return fit
        kept &= ~little


def _spread(log_odds: FloatArray, weights: Weights) -> FloatArray:
    """Standard deviation (m,) of each member's log-odds (n, m)."""
    if weights is None:
        plain: FloatArray = log_odds.std(axis=0)
        return plain
    away = log_odds - np.average(log_odds, axis=0, weights=weights)
    spread: FloatArray = np.sqrt(np.average(away**2, axis=0, weights=weights))
    return spread


def shared(fit: LogisticFit, plain: int, share: float) -> LogisticFit:
    """A fit whose log-odds are `share` those of the member at `plain`, and `fit`'s for the rest.

    The whole fit where that member has no weight in it and would get little: scoring need not compute it.
    """
    if not fit.weights[plain] and share < LEAST_SHARE:
        return fit
    weights = (1.0 - share) * fit.weights
    weights[plain] += share
    return LogisticFit(weights, (1.0 - share) * fit.intercept)


def _folds(bad: FloatArray, seed: int) -> IntArray:
    """Fold of each row (n,); 0 for all where a class has fewer than two rows."""
    most = FOLDS if len(bad) <= ROWS_OF_FEWER_FOLDS else 3
    count = min(most, int(bad.sum()), int(len(bad) - bad.sum()))
    return stratified_folds(bad, count, seed) if count >= 2 else np.zeros(len(bad), dtype=np.int64)


def _splits(fold_of: IntArray) -> Iterator[tuple[BoolArray, BoolArray]]:
    """Rows (n,) to learn from and rows to judge, fold by fold; with one fold only, a row's own view is all there is."""
    for fold in range(int(fold_of.max()) + 1):
        here = fold_of == fold
        yield (here if here.all() else ~here), here
