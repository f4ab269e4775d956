import azure.functions as func


def main(payload, context: func.Context):
    return [
        payload,
        context.function_name,
        context.function_directory,
        len(context.invocation_id),
        context.thread_local_storage.invocation_id == context.invocation_id,
        context.retry_context.retry_count,
        context.trace_context.trace_parent,
    ]
