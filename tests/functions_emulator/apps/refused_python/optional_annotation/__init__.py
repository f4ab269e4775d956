def main(payload: dict | None):
    return payload
