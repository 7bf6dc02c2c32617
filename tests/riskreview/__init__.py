"""The wiring: flow, tasks, health, demo, drain."""
