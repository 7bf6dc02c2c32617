"""Tests of the house itself: contracts, settings, names, translations."""
