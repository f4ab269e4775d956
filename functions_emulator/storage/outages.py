"""Log lines about storage that cannot be used: one when it begins, one when it is over."""

import logging

_log = logging.getLogger(__name__)


class OutageLog:
    """The state of one listener's storage, as the log has it."""

    def __init__(self, function: str, resource: str) -> None:
        self._function = function
        self._resource = resource
        self._problem = ""

    def failed(self, error: Exception) -> None:
        """Storage did not answer, or not in a way that the SDK understands."""
        self.report(f"storage does not answer as it should ({type(error).__name__}); trying until it does")

    def report(self, problem: str) -> None:
        """Log a problem unless it is the one logged last."""
        if problem != self._problem:
            _log.warning(f"{self._function}: {problem}")
        self._problem = problem

    def over(self) -> None:
        """Log that storage answers again, after a problem."""
        if self._problem:
            _log.warning(f"{self._function}: storage answers again for '{self._resource}'")
        self._problem = ""
