"""The error of a deployment."""

from imagectl.errors import UnreachableError


class DeploymentError(UnreachableError):
    """A deployment cannot continue, or cannot be reached, until a person acts."""
