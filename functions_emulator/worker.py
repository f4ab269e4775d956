"""Imports the functions and calls them as the classic Python worker does."""

from collections.abc import Mapping
from typing import Self

from azure.functions.meta import Datum

from functions_emulator.app import App


class Worker:
    """The app's functions, loaded. A context manager: leaving it undoes what loading changed in this process."""

    def __init__(self, app: App) -> None:
        self.app = app

    def __enter__(self) -> Self:
        self.load()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def load(self) -> None:
        """Import and check every function; raises AppError with every problem found."""
        raise NotImplementedError

    def close(self) -> None:
        """Take no more calls and restore sys.path, the working directory and the environment."""
        raise NotImplementedError

    async def invoke(
        self,
        function: str,
        inputs: Mapping[str, Datum],
        trigger_metadata: Mapping[str, Datum] | None = None,
        *,
        reason: str = "(null)",
        instance_id: str | None = None,
    ) -> Datum | None:
        """Call one function; ``inputs`` has a Datum per binding name. Raises FunctionFailed.

        Returns the encoded result of an activity or an orchestrator (its JSON text in ``.value``), else None.
        ``reason`` and ``instance_id`` only go to the log lines.
        """
        raise NotImplementedError
