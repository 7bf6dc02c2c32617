"""The shap library as an independent witness of our explanations: slow, and imported only by who asks for it."""

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.ml.forms import BlendForm, TreesForm
from scoring.ml.trees.flat_trees import FlatTrees

FloatArray = NDArray[np.float64]


def largest_difference_from_shap(blend: BlendForm, values: FloatArray) -> float | None:
    """Largest difference, on raw log-odds, between our contributions of values (n, k) and shap's over the tree members.

    Additive members need no witness: their contributions are their curves. None when nothing could be compared: no tree
    member has a weight, or each of them splits by sets of categories, which shap cannot be told of.
    """
    differences = []
    for member in blend.members:
        form = member.form
        if isinstance(form, TreesForm) and member.weight and not form.trees.categories:
            theirs = shap_values(form.trees, form.inputs.prepare(values))
            differences.append(float(np.abs(theirs - form.explain(values)).max(initial=0.0)) * member.weight)
    return max(differences, default=None)


def shap_values(trees: FlatTrees, values: FloatArray) -> FloatArray:
    """Path-dependent TreeSHAP (n, k) of the same trees by shap; ValueError when they split by sets of categories."""
    if trees.categories:
        raise ValueError("shap reads no splits by sets of categories from trees that are not a library's own")
    with warnings.catch_warnings():
        # Here for its weight: shap costs three seconds and 230 MB, and only trainings compare with it. On import it
        # warns of what it may lack, such as notebooks; none of that is about these numbers.
        warnings.simplefilter("ignore")
        import shap

        model = {
            "internal_dtype": np.float64,
            "input_dtype": np.float64,
            "objective": "binary_crossentropy",
            "tree_output": "log_odds",
            "base_offset": trees.start,
            "trees": [_tree(trees, int(root)) for root in trees.roots],
        }
        explainer = shap.TreeExplainer(model, feature_perturbation="tree_path_dependent")
        found: FloatArray = np.asarray(explainer.shap_values(values, check_additivity=False), dtype=np.float64)
    return found.reshape(values.shape)


def _tree(trees: FlatTrees, root: int) -> dict[str, NDArray[Any]]:
    """One tree's nodes, numbered from 0, as shap's own dictionary of arrays."""
    nodes, waiting = [], [root]
    while waiting:
        node = waiting.pop()
        nodes.append(node)
        if trees.feature[node] >= 0:
            waiting += [int(trees.right[node]), int(trees.left[node])]
    place = np.full(len(trees.feature) + 1, -1, dtype=np.int64)
    place[nodes] = np.arange(len(nodes))
    left, right = place[trees.left[nodes]], place[trees.right[nodes]]
    return {
        "children_left": left,
        "children_right": right,
        "children_default": np.where(trees.missing_left[nodes], left, right),
        "features": trees.feature[nodes],
        "thresholds": trees.threshold[nodes],
        "values": trees.value[nodes].reshape(-1, 1),
        "node_sample_weight": trees.cover[nodes],
    }
