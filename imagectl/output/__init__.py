"""What verbs print: records on stdout in one of five formats, progress and notes on stderr."""
