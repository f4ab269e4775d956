import logging


def main(blob: bytes) -> None:
    logging.getLogger(__name__).info(blob)
