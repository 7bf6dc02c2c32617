"""Trees of every library as plain arrays: read, predicted with, and explained by compiled arithmetic."""
