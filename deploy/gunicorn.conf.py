"""How gunicorn serves Labitory: threads within a few processes, bounded memory, a quick stop."""

import multiprocessing
import os
import tempfile

workers = int(os.environ.get("WEB_CONCURRENCY", min(4, multiprocessing.cpu_count())))
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS", "4"))
# Slow leaks of any library end here; jitter keeps the processes from renewing together.
max_requests = 5000
max_requests_jitter = 500
timeout = 30
graceful_timeout = 20
keepalive = 5
worker_tmp_dir = tempfile.gettempdir()
control_socket_disable = True
accesslog = None
