"""What Pillow and libheif report of a file that they open as a whole, in the fields of ``ImageHeader``."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import pillow_heif
from PIL import ExifTags, Image

from image_metadata.model import ImageHeader


def full_open(data: bytes) -> Mapping[str, Any]:
    """Decode the file with Pillow, or with pillow-heif where it is HEIC."""
    return _heif(data) if _is_heif(data) else _pillow(data)


def differences(opinion: Mapping[str, Any], header: ImageHeader) -> list[str]:
    """One line for each field where the header disagrees with the opinion."""
    return [
        f"{field}: expected {value!r}, found {getattr(header, field)!r}"
        for field, value in opinion.items()
        if getattr(header, field) != value
    ]


def frames(data: bytes) -> int:
    """Frames of an animation or pages of a document, as Pillow counts them; 1 for everything else."""
    if _is_heif(data):
        return len(pillow_heif.open_heif(data))
    with Image.open(BytesIO(data)) as image:
        # Pillow counts the previews of an MPO and the layers of a PSD too.
        return 1 if image.format in {"MPO", "PSD"} else getattr(image, "n_frames", 1)


def _is_heif(data: bytes) -> bool:
    return data[4:8] == b"ftyp" and data[8:12] in (b"heic", b"heix", b"mif1") and b"av01" not in data


def _heif(data: bytes) -> Mapping[str, Any]:
    """pillow-heif shows the picture turned and cropped: its size is the one that a viewer shows."""
    image = pillow_heif.open_heif(data)
    picture = image.to_pillow()
    picture.load()
    width, height = picture.size
    shown = {"display_width": width, "display_height": height}
    return {"format": "HEIF", "color_mode": picture.mode, "has_alpha": image.has_alpha, **shown}


def _pillow(data: bytes) -> Mapping[str, Any]:
    with Image.open(BytesIO(data)) as image:
        turn = image.getexif().get(ExifTags.Base.Orientation)
        image.load()
        file_format = "JPEG" if image.format == "MPO" else image.format
        opinion: dict[str, Any] = {
            "format": file_format,
            "color_mode": image.mode,
            "has_alpha": image.has_transparency_data,
        }
        opinion |= {"width": image.width, "height": image.height}
        return opinion | ({"orientation": turn} if turn in range(1, 9) else {})
