"""ORF: a TIFF with a magic number of Olympus (ExifTool's documentation)."""

from image_metadata.headers.embedded.sources import header_fields
from image_metadata.headers.exif.ifd import open_structure
from image_metadata.headers.raw.directories import TAGS, fetch_directories, full_picture, pictures
from image_metadata.headers.reader import HeaderReader
from image_metadata.headers.rejections import corrupt
from image_metadata.headers.tiff_metadata import tiff_sources
from image_metadata.model import ImageHeader


def read(source: HeaderReader) -> ImageHeader:
    """The main directory, which is the full picture."""
    structure = open_structure(source, 0, source.size)
    if structure is None:
        raise corrupt("a TIFF header", f"{source.size} bytes")
    main, _ = structure.directory(structure.first, TAGS)
    held = fetch_directories(structure, main)
    picture = full_picture(pictures(held, main, 0))
    if picture is None:
        raise corrupt(f"width and height in the directory at offset {structure.first}", "neither")
    return ImageHeader(
        format="ORF",
        width=picture.width,
        height=picture.height,
        **header_fields(*tiff_sources(held, main)),
        bit_depth=picture.bit_depth,
        has_alpha=False,
        frame_count=1,
    )
