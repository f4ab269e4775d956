def main(payload, context: dict):
    return payload, context
