"""The model code: pure arithmetic over rows and arrays, no Django. LightGBM's runtime is made findable first."""

from scoring.ml.openmp import provide_openmp

provide_openmp()
