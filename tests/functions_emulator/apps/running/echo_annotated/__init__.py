def main(payload: str) -> str:
    return payload
