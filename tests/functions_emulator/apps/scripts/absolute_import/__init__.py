from shared.scripts_shared import double


def main(payload):
    return double(payload)
