class UnprintableError(Exception):
    def __str__(self):
        raise RuntimeError


def main(payload):
    raise UnprintableError(payload)
