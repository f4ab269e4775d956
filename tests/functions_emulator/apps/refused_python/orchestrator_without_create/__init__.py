import azure.durable_functions as df


def main(context: df.DurableOrchestrationContext):
    yield context
