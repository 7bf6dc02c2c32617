"""Tests in a real browser: journeys of people, keys, and what everybody must be able to see."""
