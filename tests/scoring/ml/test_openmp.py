"""LightGBM's OpenMP library is found inside scikit-learn's wheel where the machine has none."""

import ctypes
import sys

import pytest

from scoring.ml import openmp

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the wheels of other systems differ")


def test_the_copy_in_the_wheel_answers_to_the_wanted_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openmp, "_WANTED", "libgomp-test.so.1")
    with pytest.raises(OSError, match="cannot open shared object file"):
        ctypes.CDLL("libgomp-test.so.1")
    openmp.provide_openmp()
    assert ctypes.CDLL("libgomp-test.so.1").omp_get_max_threads() >= 1


def test_nothing_happens_without_the_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openmp, "_WANTED", "libgomp-none.so.1")
    monkeypatch.setattr(openmp, "find_spec", lambda _name: None)
    openmp.provide_openmp()
    with pytest.raises(OSError, match="cannot open shared object file"):
        ctypes.CDLL("libgomp-none.so.1")
