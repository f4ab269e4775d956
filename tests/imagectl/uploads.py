"""What an upload printed, and what storage holds after it."""

from tests.imagectl.stack import Stack
from tests.support.images import image

SIZE = len(image())

_HEADING = "result\tname\tbytes\treason\n"


def blobs(stack: Stack) -> dict[str, tuple[str, bytes]]:
    """Content type and MD5 by name."""
    return {
        blob.name: (blob.content_settings.content_type, bytes(blob.content_settings.content_md5))
        for blob in stack.container.list_blobs()
    }


def sent(output: str) -> set[str]:
    """The lines behind the heading, in any order."""
    assert output.startswith(_HEADING)
    return set(output.removeprefix(_HEADING).splitlines())
