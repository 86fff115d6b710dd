"""What a page offers: where its links lead, what its forms send, and what they ask."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit


@dataclass(kw_only=True)
class Offer:
    """Addresses of links, paths of forms that change something, and words one may ask with."""

    links: list[str] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)
    # By path: the names in the queries of links and in the fields of forms that only ask.
    asked: dict[str, set[str]] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__()
        self.address, self.offer = address, Offer()
        self.asking = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
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
    return reader.offer
