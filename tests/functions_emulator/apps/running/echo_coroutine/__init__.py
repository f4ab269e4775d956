import asyncio


async def main(payload):
    await asyncio.sleep(0)
    return payload
