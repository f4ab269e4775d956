"""One place where the parts of a header become an ``ImageHeader``."""

from image_metadata.headers.exif.fields import NO_EXIF, ExifFields
from image_metadata.model import ImageHeader


def image_header(  # noqa: PLR0913  # one keyword per part of a header
    format: str,  # noqa: A002  # the field's name
    width: int,
    height: int,
    *,
    exif: ExifFields = NO_EXIF,
    orientation: int | None = None,
    display_size: tuple[int, int] | None = None,
    color_mode: str | None = None,
    bit_depth: int | None = None,
    has_alpha: bool | None = None,
    frame_count: int | None = None,
) -> ImageHeader:
    """The header with ``display_*`` after orientation.

    ``orientation`` (1 to 8) given by the container overrides EXIF's. ``display_size`` is for containers that
    say themselves what is shown (after ``clap`` and rotation); otherwise the orientation gives it.
    """
    turned = orientation or exif.orientation
    shown = display_size or ((height, width) if turned and turned >= 5 else (width, height))  # noqa: PLR2004  # 5 to 8 swap the axes
    return ImageHeader(
        width=width,
        height=height,
        format=format,
        orientation=turned,
        display_width=shown[0],
        display_height=shown[1],
        color_mode=color_mode,
        bit_depth=bit_depth,
        has_alpha=has_alpha,
        frame_count=frame_count,
        taken_at=exif.taken_at,
        taken_at_offset=exif.taken_at_offset,
        camera_make=exif.camera_make,
        camera_model=exif.camera_model,
        lens_model=exif.lens_model,
        latitude=exif.latitude,
        longitude=exif.longitude,
    )
