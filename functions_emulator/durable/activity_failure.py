"""How the failure of an activity reaches the orchestrator."""

import json

from functions_emulator.durable.orchestration import ActivityResult
from functions_emulator.errors import FunctionFailedError
from functions_emulator.sanitizer import sanitize

_HOST = "Microsoft.Azure.WebJobs.Host.FunctionInvocationException"
_RPC = "Microsoft.Azure.WebJobs.Script.Workers.Rpc.RpcException"


def failed_activity(name: str, error: FunctionFailedError) -> ActivityResult:
    """Reason and Details as the Durable extension writes them; Details is the .NET exception as Newtonsoft dumps it."""
    told = sanitize(str(error))
    remote = {
        "ClassName": _RPC,
        "Message": f"Result: Failure\nException: {told}\nStack: {error.stack}",
        "Data": None,
        "InnerException": None,
        "RemoteStackTrace": error.stack,
        "RemoteMessage": told,
        "IsUserException": True,
    }
    details = {
        "ClassName": _HOST,
        "Message": f"Exception while executing function: Functions.{name}",
        "Data": None,
        "InnerException": remote,
        "HelpURL": None,
        "StackTraceString": None,
        "RemoteStackTraceString": None,
        "HResult": -2146233088,
        "Source": "System.Private.CoreLib",
    }
    return ActivityResult(reason=f"Activity function '{name}' failed:  {told}", details=json.dumps(details))
