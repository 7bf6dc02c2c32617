"""Wiring: settings, addresses, the order of the machine's steps, and the embedded servers."""
