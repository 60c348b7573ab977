"""The one error a user sees: printed as a single line, exit status 1."""


class TrainError(Exception):
    """What, where, expected, got, in one line."""
