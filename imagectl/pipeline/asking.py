"""Asks storage, the database and the app for one report, which goes on where one of them does not answer."""

from collections.abc import Callable

from image_metadata.errors import SettingError, TransientDatabaseError, TransientStorageError
from imagectl.errors import UnreachableError


def ask(question: Callable[[], None], not_asked: list[str]) -> bool:
    """Note why a place could not be asked, once; returns whether it was."""
    try:
        question()
    except (UnreachableError, TransientStorageError, TransientDatabaseError, SettingError) as error:
        if str(error) not in not_asked:
            not_asked.append(str(error))
        return False
    return True
