"""Ask the web server behind its socket whether it is ready; the exit code answers."""

import http.client
import os
import socket
import sys
from pathlib import Path

SOCKET = Path(os.environ.get("LABITORY_SOCKET", "/run/labitory/web.sock"))


def main() -> int:
    """0 when ready, 1 when not."""
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip().lstrip(".")
    connection = http.client.HTTPConnection(host, timeout=5)
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.settimeout(5)
    try:
        connection.sock.connect(str(SOCKET))
        connection.request("GET", "/health/ready")
        return 0 if connection.getresponse().status == http.client.OK else 1
    except OSError as error:
        print(f"{SOCKET}: {error.strerror or error}", file=sys.stderr)
        return 1
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
