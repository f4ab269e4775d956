import threading
import time


def main(payload):
    time.sleep(payload)
    return threading.current_thread().name
