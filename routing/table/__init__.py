"""Typed decision tables: registered fields, closed operators, and a logic in which a missing value never approves."""
