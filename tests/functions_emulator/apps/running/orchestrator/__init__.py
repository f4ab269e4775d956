import azure.durable_functions as df


def story(context: df.DurableOrchestrationContext):
    return (yield context.call_activity("echo", context.get_input()))


main = df.Orchestrator.create(story)
