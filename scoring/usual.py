"""What the champion of a product has learnt from, as intake compares the first cases of a new source with it."""

from __future__ import annotations

from collections import Counter

from intake.health.profiles import Profile, Reference
from scoring.breaker_models import ModelReference
from scoring.models import ModelVersion


def usual_of_champion(product: str) -> Reference | None:
    """The held-out loans of the champion's training, feature by feature in bins; None where there are none.

    What the model works out itself is left out: no source sends it, and it would be told to be missing in all rows.
    """
    found = (
        ModelReference.objects.select_related("model")
        .filter(
            model__product=product, model__status=ModelVersion.Status.CHAMPION, origin=ModelReference.Origin.HELD_OUT
        )
        .first()
    )
    if found is None:
        return None
    # Its bins begin with the missing ones, intake's with what lies below the first edge.
    content = found.content
    worked_out = {each["name"] for each in found.model.feature_table["features"] if each.get("formula")}
    columns = zip(content["names"], content["edges"], content["counts"], strict=False)
    told = [(name, edges, counts) for name, edges, counts in columns if name not in worked_out]
    missing = Counter({name: counts[0] for name, _edges, counts in told})
    counts = {
        name: Counter({str(at): count for at, count in enumerate(each[1:]) if count}) for name, _edges, each in told
    }
    # The money of its features is in this currency, in which alone a model reads it.
    counts["currency"] = Counter({found.model.feature_table["currency"]: content["rows"]})
    return Reference({name: edges for name, edges, _counts in told}, Profile(content["rows"], missing, counts))
