"""Whether the first bytes of a file are those of an image, supported or not."""

from image_metadata.errors import HeaderRejectedError
from image_metadata.headers.formats import find_reader
from image_metadata.headers.reader import in_memory
from image_metadata.headers.unsupported import looks_like

HEAD = 4096
_UNSUPPORTED = ("image", "animation", "drawing", "metafile", "EPS", "DjVu")


def is_image(head: bytes, file_name: str) -> bool:
    """Judged by the first ``HEAD`` bytes of a file, and for TGA by its name."""
    if not head:
        return False
    try:
        find_reader(in_memory(head), file_name)
    except HeaderRejectedError:
        return any(word in looks_like(head) for word in _UNSUPPORTED)
    return True
