"""One HTML file with everything inside: the page's sources, the libraries that draw it, and the data."""

import base64
import gzip
import hashlib
import html
import json
import re
from collections.abc import Iterable
from pathlib import Path

from image_metadata.errors import ImageMetadataError

_PAGE = Path(__file__).parent / "page"
_SCRIPTS = ("data.js", "filter.js", "charts.js", "lists.js", "table.js", "main.js")
_D3 = "d3/dist/d3.min.js"
_PLOT = "@observablehq/plot/dist/plot.umd.min.js"
_BUNDLED = (
    "@observablehq/plot",
    "interval-tree-1d",
    "binary-search-bounds",
    "isoformat",
    "d3",
    "internmap",
    "delaunator",
    "robust-predicates",
)
"""The packages whose code is in the two files above."""


class ReportError(ImageMetadataError):
    """The page cannot be made or written."""


def page(data: str, title: str, node_modules: Path) -> str:
    """The page as text, about this data, which is JSON.

    It needs nothing from outside, and its Content-Security-Policy lets it ask for nothing: only the scripts and
    the style with these very hashes run (CSP level 3, section 2.3.1).

    Raises:
        ReportError: the libraries are not installed.
    """
    scripts = {
        "d3": _library(node_modules / _D3),
        "plot": _library(node_modules / _PLOT),
        "script": _script(),
    }
    style = _read(_PAGE / "report.css")
    parts = {
        **scripts,
        "style": style,
        "title": html.escape(title),
        "policy": _policy(scripts.values(), style),
        "licenses": html.escape(_licenses(node_modules)),
        "data": _packed(data),
    }
    # In one pass, so that what is put in is never looked through.
    return re.sub(r"\{\{(\w+)\}\}", lambda match: parts[match[1]], _read(_PAGE / "template.html"))


def _packed(data: str) -> str:
    return base64.b64encode(gzip.compress(data.encode("ascii"), compresslevel=6, mtime=0)).decode("ascii")


def _script() -> str:
    parts = "\n".join(_read(_PAGE / name) for name in _SCRIPTS)
    return f'(() => {{\n"use strict";\n{parts}\n}})();\n'


def _policy(scripts: Iterable[str], style: str) -> str:
    hashes = " ".join(map(_hash, scripts))
    return (
        f"default-src 'none'; script-src {hashes}; style-src {_hash(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode('ascii')}'"


def _licenses(node_modules: Path) -> str:
    texts = []
    for name in _BUNDLED:
        version = json.loads(_library(node_modules / name / "package.json"))["version"]
        texts.append(f"{name} {version}\n\n{_library(node_modules / name / 'LICENSE').strip()}\n")
    return "\n\n".join(texts)


def _library(file: Path) -> str:
    try:
        return _read(file)
    except FileNotFoundError:
        raise ReportError(
            f"expected {file} , which draws the page, found no such file; run python3 -m imagectl setup"
        ) from None


def _read(file: Path) -> str:
    # With universal newlines: a browser hashes a script as it has read it, with \n only.
    return file.read_text(encoding="utf-8")
