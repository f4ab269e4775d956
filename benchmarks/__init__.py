"""Measurements: the whole pipeline beside the samples' way, how it grows, and the fuzzer of the header reader."""
