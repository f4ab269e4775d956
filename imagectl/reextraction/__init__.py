"""Reads images again whose rows an older release wrote, or that it rejected."""
