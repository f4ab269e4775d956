def main(payload):
    raise ValueError(f"bad {payload}\nsecond line")
