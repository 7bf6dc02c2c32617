"""What a limit table grants."""
