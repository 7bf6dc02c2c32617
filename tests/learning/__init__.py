"""Labels with their provenance, training sets, training."""
