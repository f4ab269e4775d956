"""Measurements of the header reader beside the usual way (``python -m benchmarks``), and its fuzzer."""
