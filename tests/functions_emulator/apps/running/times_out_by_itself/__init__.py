async def main(payload):
    raise TimeoutError(payload)
