"""The HTTP API through Django's test client: promises of the interface, refusals, hostile requests."""
