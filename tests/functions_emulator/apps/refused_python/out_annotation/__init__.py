import azure.functions as func


def main(payload: func.Out[str]):
    return payload
