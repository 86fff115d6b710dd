"""Cells of files for spreadsheets: what looks like a formula is defused, and reads as it was."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

# What a spreadsheet would take for a formula, whether or not it was defused before.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_DEFUSED = re.compile(r"'+[=+\-@\t\r]")
_NAME = re.compile(r"(?:\\[\\;]|[^;])+")
_ESCAPED = re.compile(r"\\([\\;])")
_TO_ESCAPE = re.compile(r"[\\;]")


def write_cell(value: str) -> str:
    """The value, with a quote before what a spreadsheet would take for a formula."""
    return f"'{value}" if _FORMULA.match(value) else value


def write_rows(rows: Iterable[Sequence[str]]) -> str:
    """Rows of a file, with every cell defused."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([write_cell(value) for value in row] for row in rows)
    return out.getvalue()


def read_cell(text: str) -> str:
    """What `write_cell` was given."""
    return text[1:] if _DEFUSED.match(text) else text


def write_names(names: list[str]) -> str:
    """Several names in one cell, separated by semicolons; one within a name follows a backslash."""
    return "; ".join(_TO_ESCAPE.sub(r"\\\g<0>", name) for name in names)


def read_names(text: str) -> tuple[str, ...]:
    """The names of a cell, each once."""
    names = (_ESCAPED.sub(r"\1", name).strip() for name in _NAME.findall(text))
    return tuple(dict.fromkeys(name for name in names if name))
