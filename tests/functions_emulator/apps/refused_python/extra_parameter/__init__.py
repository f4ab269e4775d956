def main(payload, extra):
    return payload, extra
