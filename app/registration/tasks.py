"""What the worker may run for registration, by kind."""
