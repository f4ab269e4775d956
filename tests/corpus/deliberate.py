"""Where the header reader deliberately differs from Pillow or ExifTool, and why."""

NOT_A_FORMAT_OF_PILLOW = frozenset(["jxl", "dng", "cr2", "cr3", "nef", "arw", "pef", "srw", "orf", "rw2", "raf"])
"""Families of the corpus that other software speaks for."""

PILLOW_CANNOT_OPEN = {
    "tiff-big-bigtiff-directory-last.tif": "Pillow looks for BigTIFF's 43 in the low byte of little-endian files only",
    "tiff-big-bigtiff-directory-first.tif": "as above",
    "pam-alpha.pam": "Pillow reads the older members of the family only",
    "pam-gray-16.pam": "as above",
}
"""File to reason."""

PILLOW_SAYS_OTHERWISE = {
    ("cur-three.cur", "has_alpha"): "a cursor has a mask; Pillow drops it where the file holds several cursors",
    **{
        (f"tiff-orientation-{turn}.tif", side): "Pillow turns a TIFF; width and height are the stored ones here"
        for turn in (5, 6, 7, 8)
        for side in ("width", "height")
    },
    **{
        (f"tiff-{name}.tif", "frame_count"): "Pillow counts thumbnails and masks too"
        for name in ("thumbnail-behind", "mask-behind")
    },
    ("png-animated-default-image.apng", "frame_count"): "Pillow counts the picture for viewers without animation too",
}
"""File and field to reason."""

EXIFTOOL_SAYS_OTHERWISE = {
    "gif-frame-past-the-screen.gif": "ExifTool gives the screen; viewers and Pillow enlarge it to the first picture",
    "bmp-os2-2.bmp": "ExifTool takes this header's height for 16 bits",
    "ico-four.ico": "ExifTool gives the first picture, not the largest",
    "ico-bitmaps.ico": "as above",
    "cur-three.cur": "as above",
    "cr2-camera-small-preview.cr2": "ExifTool's ImageWidth is that of the preview; its ImageSize is the one here",
    "raf-camera.raf": "as above",
}
"""File whose size ExifTool gives differently, to reason."""
