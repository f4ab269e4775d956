"""The host's rewriting of exception texts."""

import pytest

from functions_emulator.sanitizer import sanitize

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
    ],
)
def test_from_a_keyword_to_the_next_quote_or_tag_is_hidden(text: str, sanitized: str):
    assert sanitize(text) == sanitized


def test_the_backslash_before_a_quote_goes_too_which_breaks_json():
    assert sanitize(r'{"text": "a?sig=b\"c"}') == rf'{{"text": "a{HIDDEN}"c"}}'
