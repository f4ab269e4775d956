"""Metadata of uploaded images: announce an upload, extract its metadata, store one row.

The names are resolved on first use, so that importing the package loads the standard library only.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from image_metadata.errors import ImageMetadataError as ImageMetadataError
    from image_metadata.extract_metadata import extract as extract
    from image_metadata.headers import read_header as read_header
    from image_metadata.intake import announce as announce
    from image_metadata.model import ImageMetadata as ImageMetadata
    from image_metadata.model import Rejection as Rejection
    from image_metadata.model import Upload as Upload
    from image_metadata.store_metadata import store as store

_MODULES = {
    "ImageMetadata": "model",
    "ImageMetadataError": "errors",
    "Rejection": "model",
    "Upload": "model",
    "announce": "intake",
    "extract": "extract_metadata",
    "read_header": "headers",
    "store": "store_metadata",
}

__all__ = [  # resolved by __getattr__
    "ImageMetadata",
    "ImageMetadataError",
    "Rejection",
    "Upload",
    "announce",
    "extract",
    "read_header",
    "store",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
