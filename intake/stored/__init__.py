"""The tables of intake in the database, a module for each kind."""
