def main(payload):
    return next(iter(payload))
