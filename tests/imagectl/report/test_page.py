"""The page in a real browser: it draws, filters and sorts, and neither says nor asks for anything."""

from pathlib import Path

import pytest

from tests.support.browser import Page, open_browser
from tests.support.command import imagectl
from tests.support.databases import Database, sqlite_database, with_tables
from tests.support.image_rows import HOSTILE, add_image, add_many_images, add_rejection

SAME = "AAAAAAAAAAAAAAAAAAAAAA=="
CHARTS = [
    "images-over-time",
    "bytes-over-time",
    "formats",
    "ratios",
    "dimensions",
    "file-sizes",
    "cameras",
    "years",
    "reasons",
]


def write_report(database: Database, file: Path, *words: str) -> Path:
    done = imagectl("report", str(file), *words, SqlConnectionString=database.settings.connection_string)
    assert done.returncode == 0, done.stderr
    return file


@pytest.fixture(scope="module")
def browser():
    with open_browser() as page:
        yield page


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory):
    """2,000 small GIF images, and a few of which the tests know all."""
    folder = tmp_path_factory.mktemp("report")
    database = with_tables(sqlite_database(folder / "images.db"))
    add_many_images(database, 2000)
    camera = {"camera_make": "Canon", "camera_model": "Canon EOS R5", "taken_at": "2024-05-01T10:00:00.000"}
    add_image(database, "tall.jpg", format="JPEG", width=40, height=30, display_width=30, display_height=40, **camera)
    add_image(database, "large.tif", format="TIFF", file_size_kb=3 * 1024.0, width=9000, height=6000)
    add_image(database, "copy/one.png", content_md5=SAME)
    add_image(database, "copy/two.png", content_md5=SAME, uploaded_at="2026-11-22T06:00:00.000")
    add_image(database, "edited.png", blob_id="edited", uploaded_at="2026-11-20T05:00:00.000", width=41)
    add_image(database, "edited.png", blob_id="edited", uploaded_at="2026-11-21T05:00:00.000", width=42)
    for name in HOSTILE:
        add_image(database, name, format="WEBP", camera_model=name)
    add_rejection(database, "notes.txt", reason="unsupported_format", detail=HOSTILE[0])
    add_rejection(database, "half.jpg")
    return write_report(database, folder / "report.html")


@pytest.fixture
def report(browser: Page, file: Path):
    """The page, freshly opened."""
    browser.open(file)
    return browser


def set_filter(page: Page, name: str, value: str, matching: str) -> None:
    page.value(
        f"(e => {{ e.value = {value!r}; e.dispatchEvent(new Event('input', {{bubbles: true}})) }})"
        f"(document.getElementById('filter-{name}'))"
    )
    page.until(f"document.getElementById('matching').textContent === {matching!r}")


def option(page: Page, name: str, text: str) -> str:
    """The value of the choice whose text starts so."""
    value: str = page.value(
        f"[...document.getElementById('filter-{name}').options].find(o => o.text.startsWith({text!r})).value"
    )
    return value


def press(page: Page, key: str, code: int, text: str = "") -> None:
    for kind in ("keyDown", "keyUp"):
        page.call("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code, text=text)


def names_in_the_table(page: Page) -> list[str]:
    return page.texts("#table tbody td:first-child.name")


def test_it_draws_every_chart(report: Page):
    drawn = report.value("[...document.querySelectorAll('.chart')].filter(c => c.querySelector('svg')).map(c => c.id)")
    assert drawn == CHARTS


def test_it_says_nothing_on_the_console_and_asks_for_nothing_but_itself(browser: Page, file: Path):
    browser.messages.clear()
    browser.requests.clear()
    browser.open(file)
    browser.value("document.querySelectorAll('details').forEach(d => { d.open = true })")
    browser.value("window.scrollTo(0, document.body.scrollHeight)")
    assert (browser.messages, browser.requests) == ([], [file.as_uri()])


def test_its_policy_refuses_a_request(browser: Page, file: Path):
    browser.open(file)
    assert browser.value("fetch('data:,x').then(() => 'sent', () => 'refused')") == "refused"


def test_the_totals_are_of_current_images(report: Page):
    figures = dict(zip(report.texts(".tile span"), report.texts(".tile b"), strict=True))
    assert figures == {
        "images": "2,009",
        "in total": "5.0 MB",
        "median file size": "1 KB",
        "median pixels": "0.00026 MP",
        "formats": "5",
        "cameras": "5",
        "in duplicates": "2 KB",
        "rejections": "2",
    }


def test_names_from_outside_are_text_with_what_is_invisible_written_out(report: Page):
    set_filter(report, "format", option(report, "format", "WEBP"), "4 of 2,010 rows")
    assert sorted(names_in_the_table(report)) == sorted(
        [
            "<img src=x onerror=alert(1)>.png",
            r"gpj.\u{202e}exe",
            r"line\u{a}break\u{1b}[31m.png",
            "</script><b id=injected>",
        ]
    )
    assert report.value("document.querySelectorAll('#injected, img').length") == 0
    assert HOSTILE[0] in report.texts("#examples .figure")


def test_a_name_filters_tables_and_charts(report: Page):
    set_filter(report, "name", "LARGE", "1 of 2,010 rows")
    assert names_in_the_table(report) == ["large.tif"]
    assert report.texts(".tile b")[:2] == ["1", "3 MB"]
    assert report.texts("#formats svg text") == ["TIFF", "1 · 3 MB"]


def test_a_clicked_bar_filters_and_a_second_click_takes_it_back(report: Page):
    click = "document.querySelectorAll('#formats rect').{}.dispatchEvent(new MouseEvent('click', {{bubbles: true}}))"
    report.value(click.format("item(0)"))
    report.until("document.getElementById('matching').textContent === '2,000 of 2,010 rows'")
    report.value(click.format("item(0)"))
    report.until("document.getElementById('matching').textContent === '2,009 of 2,010 rows'")


def test_a_year_and_a_camera_are_filters(report: Page):
    set_filter(report, "year", option(report, "year", "2024"), "1 of 2,010 rows")
    assert names_in_the_table(report) == ["tall.jpg"]
    set_filter(report, "year", "", "2,009 of 2,010 rows")
    set_filter(report, "camera", option(report, "camera", "Canon EOS R5"), "1 of 2,010 rows")
    assert report.texts("#ratios svg text") == ["3:4", "1"]


def test_a_superseded_state_is_only_shown_when_asked_for(report: Page):
    set_filter(report, "name", "edited", "1 of 2,010 rows")
    report.value("document.getElementById('filter-history').click()")
    report.until("document.getElementById('matching').textContent === '2 of 2,010 rows'")
    assert report.texts("#table tbody tr.history td:nth-child(4)") == ["41"]


def test_exact_duplicates_are_listed_with_what_they_cost(report: Page):
    assert report.texts("#duplicates summary .figure") == ["2 \u00d7 2 KB"]
    assert report.texts("#duplicates li .name") == ["copy/two.png", "copy/one.png"]
    assert report.texts("#duplicates-note")[0].startswith(
        "1 group of images with the same Content-MD5 and size; keeping one of each would save 2 KB."
    )


def test_the_largest_are_first(report: Page):
    for table in ("files", "pixels"):
        assert report.texts(f"#largest-{table} .name")[0] == "large.tif"


def test_rejections_are_listed_by_reason_with_examples(report: Page):
    assert sorted(report.texts("#examples summary .name")) == ["corrupt", "unsupported_format"]
    assert sorted(report.texts("#examples li .name")) == ["half.jpg", "notes.txt"]
    report.value("document.getElementById('show-rejections').click()")
    assert sorted(names_in_the_table(report)) == ["half.jpg", "notes.txt"]


def test_only_rows_in_view_are_in_the_document_and_the_last_is_reached_by_key(report: Page):
    assert report.value("document.querySelectorAll('#table tbody tr').length") < 60
    report.value("document.getElementById('table').focus()")
    press(report, "End", 35)
    report.until("[...document.querySelectorAll('#table tbody td')].some(c => c.textContent === '01999.gif')")
    assert report.value("document.querySelectorAll('#table tbody tr').length") < 60


def test_the_table_is_sorted_by_keyboard(report: Page):
    report.value("[...document.querySelectorAll('#table th button')].find(b => b.textContent === 'Size').focus()")
    press(report, "Enter", 13, "\r")
    assert names_in_the_table(report)[0] == "large.tif"
    assert report.value("document.activeElement.parentElement.ariaSort") == "descending"


@pytest.mark.parametrize(("scheme", "background"), [("light", "rgb(245, 246, 248)"), ("dark", "rgb(16, 19, 24)")])
def test_it_is_light_or_dark_as_the_reader_prefers(report: Page, scheme: str, background: str):
    report.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    assert report.value("getComputedStyle(document.body).backgroundColor") == background


def test_it_fits_the_width_of_a_phone(browser: Page, file: Path):
    browser.call("Emulation.setDeviceMetricsOverride", width=360, height=740, deviceScaleFactor=2, mobile=True)
    browser.messages.clear()
    browser.open(file)
    assert browser.value("document.documentElement.scrollWidth") == 360
    assert browser.messages == []
    browser.call("Emulation.clearDeviceMetricsOverride")


def test_tables_without_a_row_make_a_page_that_says_so(browser: Page, tmp_path: Path):
    empty = write_report(with_tables(sqlite_database(tmp_path / "images.db")), tmp_path / "report.html")
    browser.messages.clear()
    browser.open(empty)
    assert set(browser.texts(".chart")) == {"No rows"}
    assert browser.messages == []


def test_a_row_without_a_size_or_a_date_is_shown(browser: Page, tmp_path: Path):
    database = with_tables(sqlite_database(tmp_path / "images.db"))
    add_image(database, "old.png", file_size_kb=0, width=0, height=0, uploaded_at=None, account=None, container=None)
    browser.messages.clear()
    browser.open(write_report(database, tmp_path / "report.html"))
    assert names_in_the_table(browser) == ["old.png"]
    assert browser.texts("#dimensions") == browser.texts("#images-over-time") == ["No rows"]
    assert browser.messages == []


def test_coordinates_are_columns_when_asked_for(browser: Page, tmp_path: Path):
    database = with_tables(sqlite_database(tmp_path / "images.db"))
    add_image(database, "a.png", latitude=48.20849, longitude=16.37208)
    browser.open(write_report(database, tmp_path / "report.html", "--with-location"))
    assert browser.texts("#table tbody td")[-3:-1] == ["48.20849", "16.37208"]
