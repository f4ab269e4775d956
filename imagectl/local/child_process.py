"""Child processes that must not outlive their parent."""

import os
import sys
from collections.abc import Sequence

# PR_SET_PDEATHSIG is 1, SIGINT is 2. A parent that was killed before the call sends no signal: hence the comparison.
_LAUNCHER = """\
import ctypes, os, sys
ctypes.CDLL(None).prctl(1, 2)
os.getppid() == int(sys.argv[1]) or sys.exit("its parent has ended")
os.execvp(sys.argv[2], sys.argv[2:])
"""


def ending_with_parent(command: Sequence[str]) -> list[str]:
    """The command, run so that Linux interrupts it when its parent is killed; the same command on other systems.

    A launcher does it instead of ``Popen(preexec_fn=…)``, with which Python runs hooks of its own around the fork and
    loses a Ctrl-C that arrives during one of them.
    """
    if sys.platform != "linux":
        return list(command)
    return [sys.executable, "-I", "-S", "-c", _LAUNCHER, str(os.getpid()), *command]
