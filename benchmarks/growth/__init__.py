"""How the stack grows with its container and its tables (``python -m benchmarks.growth``)."""
