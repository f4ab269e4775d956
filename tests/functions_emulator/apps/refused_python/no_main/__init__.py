def run(payload):
    return payload
