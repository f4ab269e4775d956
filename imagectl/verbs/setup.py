"""``imagectl setup``: install what is missing, once, saying what it does. Runs on any Python without a package."""

import argparse

from imagectl.local.setup import (
    install_browser,
    install_command,
    install_node_packages,
    install_odbc_driver,
    install_python_packages,
)

NOTES = "What is installed already stays as it is."
EXAMPLES = """
python3 -m imagectl setup
python3 -m imagectl setup --tests
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--tests",
        action="store_true",
        help="also what only the tests need: ExifTool, and Chromium where there is no such browser",
    )


def run(arguments: argparse.Namespace) -> int:
    install_python_packages()
    install_command()
    install_node_packages(with_tests=arguments.tests)
    install_odbc_driver()
    if arguments.tests:
        install_browser()
    return 0
