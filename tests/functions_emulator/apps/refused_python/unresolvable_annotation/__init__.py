def main(payload: "NoSuchType"):  # noqa: F821  # the case under test
    return payload
