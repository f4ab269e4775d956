"""DDS, PCX, SGI, TGA and ICNS in shapes that Pillow does not write, laid out by hand from their specifications."""

import struct

from tests.corpus.sample import HEIGHT, WIDTH

ALPHA, FOURCC, PALETTE_8, RGB, YUV, LUMINANCE = 0x1, 0x4, 0x20, 0x40, 0x200, 0x20000
"""Flags of DDS_PIXELFORMAT."""


def dds(flags: int, fourcc: bytes = b"", bits: int = 0, masks: tuple[int, ...] = (), dxgi: int | None = None) -> bytes:
    """A texture of zeros."""
    pixel_format = struct.pack("<II4s5I", 32, flags, fourcc, bits, *(*masks, 0, 0, 0, 0)[:4])
    header = struct.pack("<4sIIII3I44x", b"DDS ", 124, 0x1007, HEIGHT, WIDTH, 0, 0, 0) + pixel_format + bytes(20)
    extension = b"" if dxgi is None else struct.pack("<5I", dxgi, 3, 0, 1, 0)
    return header + extension + bytes(WIDTH * HEIGHT * 16)


def pcx(bits: int, planes: int, *, version: int = 5, palette: bytes = b"") -> bytes:
    """A picture of zeros; ``palette`` is what stands at the end of the file."""
    line = -(-WIDTH * bits // 16) * 2
    window = struct.pack("<4H", 0, 0, WIDTH - 1, HEIGHT - 1)
    header = struct.pack("<4B8s4x48xBBHH58x", 10, version, 1, bits, window, 0, planes, line, 1)
    return header + b"\xc1\x00" * line * planes * HEIGHT + palette


def sgi(depth: int, dimensions: int, channels: int) -> bytes:
    header = struct.pack(">hBBHHHH", 474, 0, depth, dimensions, WIDTH, HEIGHT, channels)
    return header.ljust(512, b"\0") + bytes(WIDTH * HEIGHT * channels * depth)


def tga(kind: int, depth: int, *, palette_depth: int = 0, width: int = WIDTH) -> bytes:
    """A picture of zeros, without the footer of version 2."""
    colors = 256 if palette_depth else 0
    header = struct.pack(
        "<BBBHHBHHHHBB", 0, int(bool(colors)), kind, 0, colors, palette_depth, 0, 0, width, HEIGHT, depth, 0
    )
    return header + bytes(colors * -(-palette_depth // 8)) + bytes(width * HEIGHT * -(-depth // 8))


def icns(*elements: tuple[bytes, bytes], contents: bool = False) -> bytes:
    """A family of icons, with a table of contents where ``contents``."""
    bodies = [struct.pack(">4sI", kind, 8 + len(data)) + data for kind, data in elements]
    if contents:
        table = b"".join(body[:8] for body in bodies)
        bodies.insert(0, struct.pack(">4sI", b"TOC ", 8 + len(table)) + table)
    return struct.pack(">4sI", b"icns", 8 + sum(map(len, bodies))) + b"".join(bodies)
