"""The views: fetch and check, form, action, render."""
