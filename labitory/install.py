"""What makes the site an app of the phone: its manifest, its icons, and its service worker."""

import hashlib
import io
import json
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from PIL import Image, ImageDraw

# The bar of every page, in which a phone paints its own.
THEME_LIGHT, THEME_DARK, PAPER = "#0a2a33", "#0e181b", "#f4f6f5"
GROUND, INK, AMBER = "#0b5563", "#ffffff", "#f2b134"
SIZES = (180, 192, 512)
# What is drawn larger and shrunk has smooth edges.
_FINER = 4
# The flask of img/mark.svg on its field of 32 by 32.
_FLASK = (
    *((12, 7), (12, 15.2), (7.6, 22.5), (9.3, 25.5)),
    *((22.7, 25.5), (24.4, 22.5), (20, 15.2), (20, 7)),
)
_RIM = ((10.5, 7), (21.5, 7))
_DROPS = ((14, 20.5, 1.6), (18.2, 18, 1.2))
# What the page without a network is drawn with.
_ASSETS = (
    "vendor/bootstrap/bootstrap.min.css",
    "css/labitory.css",
    "css/components.css",
    "js/theme.js",
    "js/offline.js",
    "img/mark.svg",
)
_DAY = 86_400


@require_safe
def manifest(_request: HttpRequest) -> JsonResponse:
    """How the lab is called as an app, where it begins, and what it looks like."""
    icons: list[dict[str, str]] = [
        {"src": static("img/mark.svg"), "type": "image/svg+xml", "sizes": "any"}
    ]
    for size in SIZES[1:]:
        sizes = f"{size}x{size}"
        for purpose in ("any", "maskable"):
            address = reverse("app_icon", args=[purpose, size])
            icons.append({"src": address, "type": "image/png", "sizes": sizes, "purpose": purpose})
    shortcuts = [
        {"name": name, "url": reverse(page)}
        for name, page in (
            (_("My bookings"), "booking:booking_list"),
            (_("Find time"), "booking:find_time"),
            (_("Calendar"), "booking:calendar"),
        )
    ]
    found = {
        "id": "/",
        "name": settings.LAB_NAME,
        "short_name": "Labitory",
        "start_url": reverse("booking:home"),
        "scope": "/",
        "display": "standalone",
        "theme_color": THEME_LIGHT,
        "background_color": PAPER,
        "icons": icons,
        "shortcuts": shortcuts,
    }
    response = JsonResponse(found, content_type="application/manifest+json")
    patch_cache_control(response, public=True, max_age=3600)
    patch_vary_headers(response, ["Accept-Language"])
    return response


@require_safe
def icon(_request: HttpRequest, purpose: str, size: int) -> HttpResponse:
    """The mark as a picture, for systems that take no drawings."""
    if size not in SIZES or purpose not in {"any", "maskable"}:
        raise Http404
    response = HttpResponse(draw_icon(size, is_maskable=purpose == "maskable"), "image/png")
    patch_cache_control(response, public=True, max_age=30 * _DAY)
    return response


@require_safe
def worker(_request: HttpRequest) -> HttpResponse:
    """Our script that works beside the pages: offline page, kept acts, notices of the browser.

    Asked for anew each time, so that a new release reaches every browser.
    """
    response = HttpResponse(_worker_script(), "text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Service-Worker-Allowed"] = "/"
    return response


@lru_cache(maxsize=len(SIZES) * 2)
def draw_icon(size: int, *, is_maskable: bool) -> bytes:
    """The mark as a PNG; a maskable one fills its square, the flask within what no mask cuts."""
    edge = size * _FINER
    picture = Image.new("RGBA", (edge, edge), GROUND if is_maskable else "#00000000")
    draw = ImageDraw.Draw(picture)
    # A mask may leave no more than a circle of four fifths.
    scale = edge / 32 * (0.72 if is_maskable else 1)
    shift = (edge - 32 * scale) / 2

    def at(x: float, y: float) -> tuple[float, float]:
        return x * scale + shift, y * scale + shift

    if not is_maskable:
        draw.rounded_rectangle((at(2, 2), at(30, 30)), radius=8 * scale, fill=GROUND)
    width = round(2 * scale)
    for line in (_FLASK, _RIM):
        points = [at(*point) for point in line]
        draw.line(points, fill=INK, width=width, joint="curve")
        for x, y in points:
            _dot(draw, x, y, width / 2, INK)
    for x, y, radius in _DROPS:
        _dot(draw, *at(x, y), radius * scale, AMBER)
    out = io.BytesIO()
    picture = picture.resize((size, size), Image.Resampling.LANCZOS)
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


def _dot(draw: ImageDraw.ImageDraw, x: float, y: float, radius: float, fill: str) -> None:
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill)


def _worker_script() -> str:
    """The script, told what it keeps and under which version: another one for another release."""
    text = (settings.BASE_DIR / "static/js/service-worker.js").read_text(encoding="utf-8")
    assets = [static(name) for name in _ASSETS]
    digest = hashlib.sha256(text.encode())
    for name, address in zip(_ASSETS, assets, strict=True):
        digest.update(address.encode())
        path: Path = settings.BASE_DIR / "static" / name
        if path.is_file():
            digest.update(path.read_bytes())
    known = {
        "version": digest.hexdigest()[:16],
        "page": reverse("booking:offline"),
        "acts": reverse("api:offline_acts"),
        "accounts": "/accounts/",
        "logout": reverse("accounts:logout"),
        "home": reverse("booking:home"),
        "icon": reverse("app_icon", args=["any", 192]),
        "assets": assets,
    }
    return f"self.LABITORY = {json.dumps(known)};\n{text}"
