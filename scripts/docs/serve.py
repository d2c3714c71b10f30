"""Shows the built site on this machine, and builds it anew when a source changes."""

import functools
import http.server
import threading
import time


def serve(site, port, watched, rebuild):
    """Serves `site` on 127.0.0.1 until interrupted; looks for changes once a second."""
    handler = functools.partial(QuietHandler, directory=str(site))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://127.0.0.1:{server.server_port}/ shows the site. Ctrl-C ends it.")
    before = newest(watched)
    try:
        while True:
            time.sleep(1)
            now = newest(watched)
            if now > before:
                rebuild()
                before = newest(watched)
    except KeyboardInterrupt:
        server.shutdown()


def newest(paths):
    """The latest time of change of the files at or below `paths`; Python's own caches do not count."""
    files = [
        file
        for path in paths
        for file in (path.rglob("*.*") if path.is_dir() else [path])
        if "__pycache__" not in file.parts and file.exists()
    ]
    return max((file.stat().st_mtime for file in files), default=0)


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Serves files, and says nothing of each."""

    def log_message(self, format, *args):
        """Nothing."""
