"""The policy as a pure function, and the actions that draft, publish and apply it."""
