"""The command-line tool of the people who run this pipeline."""

VERSION = "1.1.0"
