"""Tests in which something is killed, full, slow or gone."""
