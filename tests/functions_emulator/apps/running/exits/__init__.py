import sys


def main(payload):
    sys.exit(payload)
