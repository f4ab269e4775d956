"""Progress on a terminal: one line, in which only the note is cut."""

from collections.abc import Callable

import pytest
from rich.progress import Progress

from imagectl.output.progress_bar import byte_progress, count_progress, open_ended_progress


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("make", [byte_progress, count_progress, open_ended_progress])
def test_progress_is_one_line_of_the_terminal(
    monkeypatch: pytest.MonkeyPatch, make: Callable[[], Progress], width: int
):
    monkeypatch.setenv("COLUMNS", str(width))
    progress = make()
    progress.add_task("Uploading", total=567_800_000, completed=123_400_000, note="1,234 uploaded (123.4 MB), " * 9)
    with progress.console.capture() as captured:
        progress.console.print(progress.get_renderable())
    (line,) = captured.get().splitlines()
    assert line.startswith("Uploading ")
    assert line.rstrip().endswith("…")
    assert len(line) <= width
