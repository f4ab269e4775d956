import asyncio


async def main(payload):
    await asyncio.sleep(payload)
