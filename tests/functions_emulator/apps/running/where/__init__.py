import os


def main(payload):
    return [__name__, os.getcwd(), os.environ[payload]]  # noqa: PTH109  # as text
