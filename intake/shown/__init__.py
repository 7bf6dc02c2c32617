"""Cells that show something else than the number in them, and cells that the cell beside them completes."""
