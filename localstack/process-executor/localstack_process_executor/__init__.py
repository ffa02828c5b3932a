"""LocalStack without Docker: each Lambda execution environment is a local process."""
