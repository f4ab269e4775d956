"""The command-line tool of the people who run this pipeline."""

VERSION = "2.0.0"
