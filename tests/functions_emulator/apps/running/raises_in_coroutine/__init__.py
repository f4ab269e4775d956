async def main(payload):
    raise ValueError(f"bad {payload}")
