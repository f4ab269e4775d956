"""The signatures that formats and their readers share."""

PNG = b"\x89PNG\r\n\x1a\n"
DDS = b"DDS \x7c\0\0\0"
TIFF = (b"II*\0", b"MM\0*", b"II\0*", b"MM*\0", b"II+\0", b"MM\0+")
"""Includes the magic number in the wrong byte order, which some writers produce and Pillow accepts."""

JPEG2000_CONTAINER = b"\0\0\0\x0cjP  \r\n\x87\n"
JPEG2000_CODESTREAM = b"\xff\x4f\xff\x51"
JPEGXL_CONTAINER = b"\0\0\0\x0cJXL \r\n\x87\n"
JPEGXL_CODESTREAM = b"\xff\x0a"

CR3_BRAND = b"crx "
FUJIFILM = b"FUJIFILMCCD-RAW "
OLYMPUS = (b"IIRO", b"IIRS", b"MMOR")
PANASONIC = b"IIU\0"
