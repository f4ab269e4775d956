"""The Azure Developer CLI, run in this checkout."""

import shutil
import subprocess

from imagectl.deployment.errors import DeploymentError
from imagectl.repository import REPOSITORY


def azd(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run azd to its end, whatever its exit status.

    Raises:
        DeploymentError: azd is not installed.
    """
    program = shutil.which("azd")
    if program is None:
        raise DeploymentError("expected azd on the PATH, found none; install the Azure Developer CLI")
    return subprocess.run([program, *arguments], cwd=REPOSITORY, capture_output=True, text=True, check=False)  # noqa: S603  # azd itself
