"""Text that claims to be YAML, as plain lists, mappings and words; nothing in it is executed.

Whatever is read knows its line, so that what is wrong with it can be found.
"""

from itertools import islice
from typing import Any

import yaml
from django.utils.translation import gettext as _

from booking.errors import BookingRefused, Refusal

LARGEST = 200_000
_DEEPEST = 8
_MOST_EVENTS = 100_000
_OPENS = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
_CLOSES = (yaml.MappingEndEvent, yaml.SequenceEndEvent)


class Word(str):
    """A word as it was written, and its line."""

    __slots__ = ("line",)
    line: int


class Block(dict[str, Any]):
    """Names with what they are given, and the line where they begin."""

    line = 1


class Listing(list[Any]):
    """One thing after another, and the line where they begin."""

    line = 1


def refused(*texts: str, code: str = "policies.bad") -> BookingRefused:
    """The no to a text, with all that is wrong with it."""
    return BookingRefused([Refusal(code=code, text=text, field="text") for text in texts])


def read_yaml(text: str) -> Any:  # noqa: ANN401 - whatever the text holds
    """The content of a text: every scalar is a word as it was written.

    Raises `BookingRefused` for what is too large, no YAML, too deep, or refers to itself.
    """
    if len(text.encode()) > LARGEST:
        raise refused(
            _("The text is too large: at most 200 kB. Leave out what is said twice."),
            code="policies.too_large",
        )
    try:
        _look_over(text)
        node = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        raise refused(_not_yaml(error)) from error
    return None if node is None else _value(node)


def write_yaml(content: Any) -> str:  # noqa: ANN401 - plain data
    """Plain data as text that `read_yaml` reads back."""
    text: str = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)
    return text


def _look_over(text: str) -> None:
    """Before anything is built: no references, nothing endless or bottomless."""
    depth = 0
    number = 0
    for event in islice(yaml.parse(text, Loader=yaml.BaseLoader), _MOST_EVENTS + 1):
        number += 1
        depth += isinstance(event, _OPENS) - isinstance(event, _CLOSES)
        if getattr(event, "anchor", None) is not None:
            raise refused(_("Write everything out: anchors and aliases are not read."))
        if depth > _DEEPEST:
            raise refused(
                _("The text is nested too deeply, more than eight levels: write it flatter.")
            )
    if number > _MOST_EVENTS:
        raise refused(
            _("The text has more than 100,000 parts: split it up."), code="policies.too_large"
        )


def _value(node: yaml.Node) -> Any:  # noqa: ANN401 - whatever the text holds
    line = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        block = Block()
        block.line = line
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.value in block:
                number = {"line": key.start_mark.line + 1}
                raise refused(
                    _("Line %(line)s: this name is no word or stands twice: keep one of them.")
                    % number
                )
            block[key.value] = _value(value)
        return block
    if isinstance(node, yaml.SequenceNode):
        listing = Listing(_value(each) for each in node.value)
        listing.line = line
        return listing
    word = Word(node.value)
    word.line = line
    return word


def _not_yaml(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return _("This is no YAML: it has characters that cannot be read.")
    return _("This is no YAML: look at line %(line)s.") % {"line": mark.line + 1}
