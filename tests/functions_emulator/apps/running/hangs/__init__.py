import time


def main(payload):
    time.sleep(payload)
