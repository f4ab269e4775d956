"""The PPM family (Netpbm's own pages for pbm, pgm, ppm, pam; Debevec's for pfm)."""

from collections.abc import Iterator
from functools import partial

from tests.corpus.sample import HEIGHT, WIDTH, Sample, encode, picture, sample


def samples() -> Iterator[Sample]:
    suffixes = {"1": "pbm", "L": "pgm", "I": "pgm", "I;16": "pgm", "RGB": "ppm", "RGBA": "ppm", "F": "pfm"}
    for mode, suffix in suffixes.items():
        make = partial(lambda mode: encode(picture(mode), "PPM"), mode)
        yield sample(f"netpbm-mode-{mode.replace(';', '')}.{suffix}", make, format="PPM")
    area = WIDTH * HEIGHT
    plain = {
        "netpbm-plain.pbm": (b"P1", b"", 1),
        "netpbm-plain.pgm": (b"P2", b"255", 1),
        "netpbm-plain.ppm": (b"P3", b"255", 3),
    }
    for name, (magic, maximum, channels) in plain.items():
        yield sample(name, partial(_file, magic, maximum, b"0 " * area * channels), width=WIDTH, height=HEIGHT)
    yield sample("pam-alpha.pam", partial(_pam, b"RGB_ALPHA", 4, 255), width=WIDTH, height=HEIGHT, has_alpha=True)
    yield sample("pam-gray-16.pam", partial(_pam, b"GRAYSCALE", 1, 65535), width=WIDTH, height=HEIGHT)
    yield sample("netpbm-maximum-100.pgm", partial(_file, b"P5", b"100", bytes(area)))
    yield sample("netpbm-maximum-65535.ppm", partial(_file, b"P6", b"65535", bytes(area * 6)), color_mode="RGB")
    yield sample("netpbm-comments.ppm", _commented, width=WIDTH, height=HEIGHT)
    yield sample("netpbm-long-comment.ppm", partial(_commented, b"x" * 20_000), width=WIDTH, height=HEIGHT)
    yield sample("netpbm-carriage-returns.pgm", lambda: b"P5\r\n61\r\n37\r\n255\n" + bytes(area))


def _file(magic: bytes, maximum: bytes, pixels: bytes) -> bytes:
    return b"\n".join([magic, b"%d %d" % (WIDTH, HEIGHT), *([maximum] if maximum else []), pixels])


def _pam(kind: bytes, channels: int, maximum: int) -> bytes:
    sizes = b"WIDTH %d\nHEIGHT %d\nDEPTH %d\nMAXVAL %d\n" % (WIDTH, HEIGHT, channels, maximum)
    pixels = bytes(WIDTH * HEIGHT * channels * (2 if maximum > 255 else 1))
    return b"P7\n" + sizes + b"TUPLTYPE " + kind + b"\nENDHDR\n" + pixels


def _commented(words: bytes = b"made by hand") -> bytes:
    return b"P6\n# %s\n61 # width\n37\n# maximum\n255\n" % words + bytes(WIDTH * HEIGHT * 3)
