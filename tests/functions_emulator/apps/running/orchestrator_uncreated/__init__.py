def main(context):
    yield context
