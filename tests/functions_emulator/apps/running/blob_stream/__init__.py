import logging

import azure.functions as func


async def main(blob: func.InputStream, starter: str) -> None:
    logging.getLogger(__name__).info([blob.name, blob.uri, blob.length, blob.metadata, blob.read(), starter])
