"""SHAP values of a LightGBM model: exact, path-dependent, on its log-odds.

The question answered is "how did each feature move this case away from the average of the training rows that take the
same paths" (TreeSHAP, Lundberg et al. 2020, feature_perturbation="tree_path_dependent"). Interventional values against
a background answer another question and may differ as much as a typical value.
"""

import numpy as np
from numpy.typing import NDArray

from scoring.ml.trees import TreeModel

FloatArray = NDArray[np.float64]


class TreeShapley:
    """Explains one model; `base_value` is the mean log-odds that contributions start from."""

    def __init__(self, model: TreeModel) -> None:
        # shap costs two seconds and 100 MB to import: only a process that explains pays.
        import shap

        self._model = model
        self._explainer = shap.TreeExplainer(model.booster, feature_perturbation="tree_path_dependent")
        self._columns = len(model.fills)
        # The library tells the base only together with an explained row; it is the same for every row.
        self._contributions(np.full((1, self._columns), np.nan))
        self.base_value = float(np.ravel(self._explainer.expected_value)[-1])

    def explain(self, values: FloatArray) -> FloatArray:
        """Contributions (n, k) of values (n, k), NaN missing; base_value + a row's sum is its raw log-odds."""
        if not len(values):
            return np.zeros((0, self._columns))
        return self._contributions(values)

    def _contributions(self, values: FloatArray) -> FloatArray:
        found = np.asarray(self._explainer.shap_values(self._model.filled(values)), dtype=np.float64)
        # Releases of shap have also returned one plane a class for LightGBM: the last one is the bad class.
        plane: FloatArray = found if found.ndim == values.ndim else found[..., -1]
        if plane.shape != values.shape:
            raise ValueError(f"shap returned contributions of shape {found.shape} for values of shape {values.shape}")
        return plane
