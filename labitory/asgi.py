"""The ASGI entry point: uvicorn serves the sockets of live pages by it, beside gunicorn."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "labitory.settings.production")
pages = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402 - Django must be set up
from channels.security.websocket import AllowedHostsOriginValidator, WebsocketDenier  # noqa: E402
from django.urls import path, re_path  # noqa: E402

from booking.live.consumers import HintConsumer  # noqa: E402

sockets = URLRouter(
    [
        path("ws/live", HintConsumer.as_asgi()),
        re_path("", WebsocketDenier.as_asgi()),
    ]
)
application = ProtocolTypeRouter({"http": pages, "websocket": AllowedHostsOriginValidator(sockets)})
