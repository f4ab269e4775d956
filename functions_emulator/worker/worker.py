"""Loads the functions and calls them as the classic Python worker does, one process for all of them."""

import asyncio
import logging
import os
import time
import traceback
import uuid
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, chdir, contextmanager
from datetime import timedelta
from typing import Any, Self

from functions_emulator.app.directory import App
from functions_emulator.errors import AppError, FunctionFailedError, collecting
from functions_emulator.text import one_line
from functions_emulator.worker import sdk
from functions_emulator.worker.loading import LoadedFunction, app_namespace, load_function

_THREADS = "PYTHON_THREADPOOL_THREAD_COUNT"


class Worker:
    """The app's functions, loaded. A context manager: leaving it undoes what loading changed in this process.

    One at a time in a process: the app's settings, working directory and import path are the process's.
    """

    def __init__(self, app: App) -> None:
        self.app = app
        self._functions: dict[str, LoadedFunction] = {}
        self._threads: ThreadPoolExecutor
        self._undo = ExitStack()

    def __enter__(self) -> Self:
        self.load()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def load(self) -> None:
        """Import and check every function; raises AppError with every problem."""
        self._threads = ThreadPoolExecutor(_thread_count(self.app.settings), "function")
        self._undo.callback(self._threads.shutdown, wait=False, cancel_futures=True)
        self._undo.enter_context(_environment(self.app.settings))
        self._undo.enter_context(chdir(self.app.root))
        self._undo.enter_context(app_namespace(self.app.root))
        problems: list[str] = []
        for name, definition in self.app.functions.items():
            with collecting(problems):
                self._functions[name] = load_function(definition)
        if problems:
            self.close()
            raise AppError(*problems)

    def close(self) -> None:
        """Restore the process and release the threads, without waiting for functions that still run."""
        self._undo.close()

    async def invoke(  # noqa: PLR0913  # three of them only label the log lines
        self,
        function: str,
        inputs: Mapping[str, sdk.Datum],
        trigger_metadata: Mapping[str, sdk.Datum] | None = None,
        *,
        reason: str = "(null)",
        details: str | None = None,
        instance_id: str | None = None,
    ) -> sdk.Datum | None:
        """Call one function; ``inputs`` has a Datum per binding name. Raises FunctionFailedError.

        Returns the encoded result of an activity or an orchestrator (its JSON text in ``.value``), else None.
        ``reason``, ``details`` and ``instance_id`` are for the log. A plain function that exceeds ``functionTimeout``
        has failed, but keeps its thread until it returns: Python cannot end it.
        """
        loaded = self._functions[function]
        invocation_id = str(uuid.uuid4())
        with _logged(function, reason, invocation_id, instance_id):
            if details:
                logging.getLogger(f"Function.{function}").info(f"Trigger Details: {one_line(details)}")
            try:
                async with asyncio.timeout(self.app.host.function_timeout):
                    arguments = _arguments(loaded, inputs, trigger_metadata or {}, invocation_id)
                    result = await self._call(loaded, arguments, invocation_id)
            except TimeoutError:
                raise _timed_out(self.app, function) from None
            return _output(loaded, result)

    def invoke_blocking(
        self, function: str, inputs: Mapping[str, sdk.Datum], *, instance_id: str, loop: asyncio.AbstractEventLoop
    ) -> sdk.Datum | None:
        """As ``invoke``, for a thread of the engine: a plain function is called without a detour by the event loop.

        ``loop`` is the event loop for coroutine functions.
        """
        loaded = self._functions[function]
        if loaded.is_coroutine:
            call = self.invoke(function, inputs, instance_id=instance_id)
            return asyncio.run_coroutine_threadsafe(call, loop).result()
        invocation_id = str(uuid.uuid4())
        with _logged(function, "(null)", invocation_id, instance_id):
            arguments = _arguments(loaded, inputs, {}, invocation_id)
            running = self._threads.submit(_in_thread, loaded, arguments, invocation_id)
            try:
                return _output(loaded, running.result(self.app.host.function_timeout))
            except TimeoutError:
                raise _timed_out(self.app, function) from None

    async def _call(self, loaded: LoadedFunction, arguments: Mapping[str, Any], invocation_id: str) -> Any:
        if loaded.is_coroutine:
            return await _in_loop(loaded, arguments)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, _in_thread, loaded, arguments, invocation_id)


def _thread_count(settings: Mapping[str, str]) -> int | None:
    text = settings.get(_THREADS)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise AppError(f'expected a whole number from 1 in the setting {_THREADS}, found "{text}"; correct it')
    return int(text)


@contextmanager
def _environment(settings: Mapping[str, str]) -> Iterator[None]:
    changed = {name: value for name, value in settings.items() if os.environ.get(name) != value}
    before = {name: os.environ.get(name) for name in changed}
    os.environ.update(changed)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _logged(function: str, reason: str, invocation_id: str, instance_id: str | None) -> Iterator[None]:
    """The two log lines of an invocation, as Core Tools writes them."""
    log = logging.getLogger(f"Function.{function}")
    identity = f"Id={invocation_id}" + (f", InstanceId={instance_id}" if instance_id else "")
    log.info(f"Executing 'Functions.{function}' (Reason='{one_line(reason)}', {identity})")
    start = time.perf_counter()

    def executed(outcome: str) -> str:
        return f"Executed 'Functions.{function}' ({outcome}, {identity}, Duration={_milliseconds(start)}ms)"

    try:
        yield
    except FunctionFailedError as error:
        log.error(f"{executed('Failed')}: {error.log_text}")  # noqa: TRY400  # its stack may hold payloads
        raise
    except asyncio.CancelledError:
        log.warning(executed("Canceled"))
        raise
    log.info(executed("Succeeded"))


def _milliseconds(start: float) -> int:
    return round((time.perf_counter() - start) * 1000)


def _arguments(
    loaded: LoadedFunction, inputs: Mapping[str, sdk.Datum], metadata: Mapping[str, sdk.Datum], invocation_id: str
) -> dict[str, Any]:
    definition = loaded.definition
    try:
        arguments = {
            name: sdk.decode(converter, inputs[name], metadata) for name, converter in loaded.converters.items()
        }
    except Exception as error:
        raise _failed(error, log_text=_without_value(error)) from error
    if loaded.wants_context:
        arguments["context"] = sdk.FunctionContext(invocation_id, definition.name, str(definition.folder))
    return arguments


def _in_thread(loaded: LoadedFunction, arguments: Mapping[str, Any], invocation_id: str) -> Any:
    sdk.THREAD_LOCAL.invocation_id = invocation_id
    try:
        return loaded.main(**arguments)
    except (Exception, SystemExit) as error:
        raise _failed(error) from error
    finally:
        sdk.THREAD_LOCAL.invocation_id = None


async def _in_loop(loaded: LoadedFunction, arguments: Mapping[str, Any]) -> Any:
    try:
        return await loaded.main(**arguments)
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task and task.cancelling():
            raise
        raise _failed(error) from error
    except (Exception, SystemExit) as error:
        raise _failed(error) from error


def _output(loaded: LoadedFunction, result: Any) -> sdk.Datum | None:
    name = loaded.definition.name
    if loaded.output is None:
        if result is not None:
            # The missing space is the worker's.
            message = f"function {name!r} without a $return bindingreturned a non-None value"
            raise FunctionFailedError("RuntimeError", message)
        return None
    try:
        datum = sdk.encode(loaded.output, result)
    except Exception as error:
        raise _failed(error, log_text=_without_value(error)) from error
    if not isinstance(datum.value, str):
        message = f"{name} returned {type(result).__name__}, not JSON text; write main = df.Orchestrator.create(…)"
        raise FunctionFailedError("TypeError", message)
    return datum


def _timed_out(app: App, function: str) -> FunctionFailedError:
    limit = timedelta(seconds=app.host.function_timeout or 0)
    message = f"Timeout value of {str(limit).zfill(8)} was exceeded by function: Functions.{function}"
    return FunctionFailedError("FunctionTimeoutException", message)


def _failed(error: BaseException, log_text: str | None = None) -> FunctionFailedError:
    try:
        message = str(error)
    except Exception:  # noqa: BLE001  # an exception's own __str__ may fail
        message = "Could not serialize original exception message."
    # The first frame is the emulator's call.
    frames = traceback.format_tb(error.__traceback__)[1:]
    # What follows a line break is the SDK's: state and payloads as JSON.
    shown = log_text or f"{type(error).__name__}: {message.partition(chr(10))[0]}"
    return FunctionFailedError(type(error).__name__, message, "".join(frames), log_text=shown)


def _without_value(error: Exception) -> str:
    """The SDK's converters quote the value that they cannot convert after the sentence, in brackets."""
    return f"{type(error).__name__}: {str(error).partition(' (')[0]}"
