"""The corpus: every file of every family."""

from tests.corpus import (
    avif,
    bmp,
    edited,
    gif,
    heif,
    icons,
    jpeg,
    jpeg2000,
    jpegxl,
    netpbm,
    others,
    png,
    psd,
    raw,
    tiff,
    webp,
)
from tests.corpus.sample import Sample

_FAMILIES = (jpeg, png, gif, webp, heif, avif, tiff, bmp, icons, jpeg2000, jpegxl, psd, netpbm, others, raw, edited)

CORPUS: tuple[Sample, ...] = tuple(sample for family in _FAMILIES for sample in family.samples())
