"""What the host hides in the text of an exception."""

import pytest

from functions_emulator.text import one_line, sanitize

HIDDEN = "[Hidden Credential]"


@pytest.mark.parametrize(
    ("text", "sanitized"),
    [
        ("nothing to hide", "nothing to hide"),
        ("PublicKeyToken=31bf3856", "PublicKeyToken=31bf3856"),
        ("Token=1,Test='kept'", f"{HIDDEN}'kept'"),
        ("before pwd=a b c", f"before {HIDDEN}"),
        ('{"url": "https://a/b?sig=c", "n": 1}', f'{{"url": "https://a/b{HIDDEN}", "n": 1}}'),
        ("?CODE=x<br>&sig=y", f"{HIDDEN}<br>{HIDDEN}"),
        ("Password=a'Password=b'", f"{HIDDEN}'{HIDDEN}'"),
        ("monkey=1 <b>", f"mon{HIDDEN}<b>"),
        ("https://host/code=abc<", f"https://host{HIDDEN}<"),
        ("a &amp;sig=b' c", f"a {HIDDEN}' c"),
    ],
)
def test_from_a_keyword_to_the_next_quote_or_tag_is_hidden(text: str, sanitized: str):
    assert sanitize(text) == sanitized


@pytest.mark.parametrize(
    ("text", "sanitized"),
    [
        ("see amqp://user:secret@host:5672/queue now", f"see {HIDDEN}/queue now"),
        ("http://user:secret@host/without/port", "http://user:secret@host/without/port"),
        ("http://host:80/a@b:1", "http://host:80/a@b:1"),
        ("http://us er:secret@host:1", "http://us er:secret@host:1"),
    ],
)
def test_a_uri_with_user_password_and_port_is_hidden(text: str, sanitized: str):
    assert sanitize(text) == sanitized


def test_the_backslash_before_a_quote_is_hidden_too_which_breaks_json():
    assert sanitize(r'{"text": "a?sig=b\"c"}') == rf'{{"text": "a{HIDDEN}"c"}}'


def test_a_log_line_is_one_line_without_control_characters_or_credentials():
    assert one_line("first\n second\x1b[31m pwd=x") == rf"first second\x1b[31m {HIDDEN}"
    assert len(one_line("x" * 1000)) == 600
