"""What the worker may run for certificates, by kind."""
