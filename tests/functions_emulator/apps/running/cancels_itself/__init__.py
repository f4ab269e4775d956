import asyncio


async def main(payload):
    raise asyncio.CancelledError(payload)
