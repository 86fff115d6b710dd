"""What a page offers: where its links lead, what its forms send and ask, and what is torn in it."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

# Elements that have no end.
VOID = frozenset(
    "area base br col embed hr img input link meta source track wbr".split()  # noqa: SIM905
)


@dataclass(kw_only=True)
class Offer:
    """Addresses of links, paths of forms that change something, and words one may ask with."""

    links: list[str] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)
    # By path: the names in the queries of links and in the fields of forms that only ask.
    asked: dict[str, set[str]] = field(default_factory=dict)
    # Elements that were never ended, or ended within another.
    torn: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__()
        self.address, self.offer = address, Offer()
        self.asking = ""
        self.within: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.within.append(tag)
        told = {name: value or "" for name, value in attributes}
        if tag == "a" and "href" in told:
            self._link(told["href"])
        elif tag == "form":
            self._form(told)
        elif self.asking and tag in ("input", "select") and told.get("name"):
            self.offer.asked.setdefault(self.asking, set()).add(told["name"])

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.asking = ""
        if tag not in self.within:
            self.offer.torn.append(f"</{tag}> in {self.getpos()}")
            return
        while (ended := self.within.pop()) != tag:
            self.offer.torn.append(f"<{ended}> before </{tag}> in {self.getpos()}")

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """As a start, for what ends itself ends nothing else."""
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.within.pop()

    def _link(self, href: str) -> None:
        url = urlsplit(urljoin(self.address, href))
        if url.scheme or url.netloc or href.startswith("#"):
            return
        self.offer.links.append(url._replace(fragment="").geturl())
        for name, _value in parse_qsl(url.query, keep_blank_values=True):
            self.offer.asked.setdefault(url.path, set()).add(name)

    def _form(self, told: dict[str, str]) -> None:
        path = urlsplit(urljoin(self.address, told.get("action", ""))).path
        if told.get("method", "get").lower() == "get":
            self.asking = path
        else:
            self.offer.actions.append(path)


def read_page(html: str, address: str) -> Offer:
    """Read a page that came from an address."""
    reader = _Reader(address)
    reader.feed(html)
    reader.offer.torn += [f"<{tag}> has no end" for tag in reader.within]
    return reader.offer
