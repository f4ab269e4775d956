"""How many files of the corpus the header reader sees as a full open does."""

from collections.abc import Iterator

from benchmarks.results import Result
from image_metadata.errors import HeaderRejectedError
from tests.corpus.catalogue import CORPUS
from tests.corpus.deliberate import PILLOW_CANNOT_OPEN
from tests.corpus.opinions import differences, full_open
from tests.corpus.reading import CountedFile

_COMPARED = ("width", "height", "display_width", "display_height", "format")


def measure() -> Iterator[Result]:
    """Width, height and format as Pillow says; for HEIC the size that pillow-heif shows."""
    agreeing = sum(_agrees(sample.name, sample.data) for sample in CORPUS)
    yield Result(
        what="corpus: files seen as by a full open",
        usual=f"{len(CORPUS)} files",
        ours=f"{agreeing} files",
        ratio=None,
        target="every file of 150 or more",
        reached=agreeing == len(CORPUS),
    )


def _agrees(name: str, data: bytes) -> bool:
    opinion = _by_construction(name) if name in PILLOW_CANNOT_OPEN else full_open(data)
    compared = {field: value for field, value in opinion.items() if field in _COMPARED}
    try:
        return not differences(compared, CountedFile(data).header(name))
    except HeaderRejectedError:
        return False


def _by_construction(name: str) -> dict[str, object]:
    return dict(next(sample.truth for sample in CORPUS if sample.name == name))
