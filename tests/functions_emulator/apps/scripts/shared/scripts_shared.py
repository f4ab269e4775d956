def double(payload):
    return [payload, payload]
