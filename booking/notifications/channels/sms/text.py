"""What fits into a text message: two parts at most, in the small alphabet where it can be."""

import unicodedata

# The alphabet of GSM 03.38: seven bits a letter. Those of the second row count twice.
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_DOUBLE = frozenset("^{}\\[~]|€")
# Two parts of a text that is cut: in seven bits, and in sixteen.
_MOST_SMALL, _MOST_WIDE = 306, 134
_PLAIN = str.maketrans(
    {
        "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "‚": "'", "`": "'",
        "–": "-", "—": "-", "−": "-", "…": "...", "×": "x", "→": "->", "Ł": "L", "ł": "l",
        "\u00a0": " ", "\u202f": " ", "\t": " ",
    }
)  # fmt: skip
_DOTS = "..."


def shorten(text: str, link: str) -> str:
    """Text and link within two parts; the text is cut before the link, which stays whole."""
    plain = _plain(text)
    tail = f" {link}" if link else ""
    whole = plain + tail
    most = _MOST_SMALL if _is_small(whole) else _MOST_WIDE
    if _length(whole) <= most:
        return whole
    while plain and _length(f"{plain}{_DOTS}{tail}") > most:
        plain = plain[:-1]
    return f"{plain.rstrip()}{_DOTS}{tail}" if plain else link


def _plain(text: str) -> str:
    """Signs and letters that the small alphabet lacks in those it has; others as they are."""
    return "".join(_small(letter) for letter in " ".join(text.translate(_PLAIN).split()))


def _small(letter: str) -> str:
    if _is_small(letter):
        return letter
    base = "".join(
        each for each in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(each)
    )
    return base if base and _is_small(base) else letter


def _is_small(text: str) -> bool:
    return all(letter in _BASIC or letter in _DOUBLE for letter in text)


def _length(text: str) -> int:
    """How much of a part it takes: letters of the second row, and rare signs, count twice."""
    if _is_small(text):
        return len(text) + sum(letter in _DOUBLE for letter in text)
    return len(text.encode("utf-16-le")) // 2
