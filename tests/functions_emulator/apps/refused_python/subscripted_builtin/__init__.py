def main(payload: dict[str, int]):
    return payload
