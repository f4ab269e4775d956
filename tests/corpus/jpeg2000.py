"""JPEG 2000 (ITU-T T.800): the JP2 container and the bare codestream."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from tests.corpus.isobmff import box
from tests.corpus.sample import HEIGHT, WIDTH, Sample, encode, picture, sample


def samples() -> Iterator[Sample]:
    alpha = {"LA", "RGBA"}
    for mode in ("L", "LA", "RGB", "RGBA", "I;16"):
        for suffix in ("jp2", "j2k"):
            make = partial(encoded, mode, suffix)
            truth = {"has_alpha": True} if mode in alpha and suffix == "jp2" else {}
            yield sample(f"jpeg2000-{mode.replace(';', '')}.{suffix}", make, width=WIDTH, height=HEIGHT, **truth)
    for suffix in ("jp2", "j2k"):
        yield sample(f"jpeg2000-tiles.{suffix}", partial(encoded, "RGB", suffix, tile_size=(16, 16)))
        yield sample(f"jpeg2000-lossy.{suffix}", partial(encoded, "RGB", suffix, irreversible=True))
        yield sample(f"jpeg2000-layers.{suffix}", partial(encoded, "RGB", suffix, quality_layers=[40, 20]))
    yield sample("jpeg2000-comment.j2k", partial(encoded, "RGB", "j2k", comment="hello"))
    yield sample("jpeg2000-long-xml.jp2", _with_xml, format="JPEG2000", width=WIDTH, height=HEIGHT)


def encoded(mode: str, suffix: str, **options: Any) -> bytes:
    return encode(picture(mode), "JPEG2000", no_jp2=suffix == "j2k", **options)


def _with_xml() -> bytes:
    """A long XML box between the file type and the header."""
    data = encoded("RGB", "jp2")
    end = 12 + 20
    return data[:end] + box(b"xml ", b" " * 200_000) + data[end:]
