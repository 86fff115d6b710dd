"""The elements of a page, however its lines are broken."""

from html.parser import HTMLParser


class _Collector(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attributes}))


def the_element(html: str, tag: str, **wanted: str) -> dict[str, str]:
    """The attributes of the one element that has the wanted ones; `checked` alone is empty."""
    collector = _Collector()
    collector.feed(html)
    fitting = [
        told
        for name, told in collector.found
        if name == tag and all(told.get(key) == value for key, value in wanted.items())
    ]
    assert len(fitting) == 1, f"{len(fitting)} elements {tag} with {wanted}"
    return fitting[0]
