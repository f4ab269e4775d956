"""The page that ``imagectl report`` writes: what is in it, how its data travels, and its sources in ``page/``."""
