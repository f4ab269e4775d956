import azure.durable_functions as df


def orchestrate(context: df.DurableOrchestrationContext):
    yield context.call_activity("echo", context.get_input())
    raise ValueError("second episode")


main = df.Orchestrator.create(orchestrate)
