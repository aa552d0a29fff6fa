# SPDX-License-Identifier: MIT
"""An HTTP server that misbehaves on purpose, on loopback.

    with Hostile() as server:
        server.add("/a.mp3", data, cut=[1000, 50000])
        ... server.url("/a.mp3") ...
        server.requests     what was asked, in order

A page is served as a good server would, with ranges and validators, but for what its arguments say
(see Page). Lists are used up, one item a request; the last item stays where `forever` is set.
"""

import email.utils
import socket
import socketserver
import threading
import time
from dataclasses import dataclass, field


@dataclass
class Request:
    path: str
    headers: dict
    port: int  # of the client: tells connections apart
    status: int = 0
    sent: int = 0  # bytes of the body
    writing: bool = False  # some of them are on their way and not counted yet
    method: str = "GET"

    def __getitem__(self, name):
        return self.headers.get(name.lower())


@dataclass
class Page:
    """What is served at a path, and how."""
    data: bytes = b""
    type: str = "audio/mpeg"
    etag: str | None = '"1"'
    modified: str | None = "Mon, 01 Jan 2024 00:00:00 GMT"
    ranges: bool = True  # False: 200 whatever is asked
    conditions: bool = True  # False: If-None-Match and the like are ignored
    if_range: str = "obey"  # "ignore": always a part; "refuse": always the whole
    status: list = field(default_factory=list)  # in place of an answer; 0: none, just close
    headers: dict = field(default_factory=dict)  # added
    location: str | None = None
    cut: list = field(default_factory=list)  # close after so many bytes of the body; None: do not
    reset: bool = False  # close without regard for what is on its way
    stall: int | None = None  # stop sending, but stay connected, after so many bytes
    shift: int = 0  # parts from the middle begin so many bytes too late
    lie: int = 0  # added to the first and last position of Content-Range
    total: int | str | None = None  # said in Content-Range in place of the length
    multipart: str | None = None  # parts come so wrapped: "ranged" or "bare" of a Content-Range
    no_range_header: bool = False  # a part without Content-Range
    length: int | None = None  # said in Content-Length in place of the truth
    framing: str = "length"  # "chunked", "close"
    part_status: int = 206
    short_parts: int | None = None  # a part is never longer
    change: dict = field(default_factory=dict)  # number of the request: fields from then on
    pace: float = 0  # seconds a 64 KiB
    forever: bool = False
    endless_headers: str | None = None  # "fast", "slow"
    served: int = 0

    def take(self, items, default=None):
        if not items:
            return default
        return items[0] if self.forever and len(items) == 1 else items.pop(0)


class Hostile(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Connection)
        self.pages = {}
        self.requests = []
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        self.open = 0  # connections now
        self.most_open = 0

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.shutdown()
        self.server_close()

    def add(self, path, data=b"", **options):
        self.pages[path] = Page(data, **options)
        return self.url(path)

    def url(self, path, host="127.0.0.1"):
        return f"http://{host}:{self.server_address[1]}{path}"

    def sent(self, path=None):
        """What went out; the client may have it before it is counted here."""
        end = time.monotonic() + 1
        while any(request.writing for request in self.requests) and time.monotonic() < end:
            time.sleep(0.001)
        return sum(request.sent for request in self.requests if path in (None, request.path))

    def handle_error(self, request, client_address):
        pass  # clients go away: that is what the tests are about


class Closed(Exception):
    """The connection is to be closed."""


class Connection(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def handle(self):
        with self.server.lock:
            self.server.open += 1
            self.server.most_open = max(self.server.most_open, self.server.open)
        try:
            while True:
                self.answer(self.read_request())
        except (Closed, ConnectionError):
            pass
        finally:
            with self.server.lock:
                self.server.open -= 1

    def read_request(self):
        line = self.rfile.readline(65536).decode("latin-1").split()
        if len(line) != 3:
            raise Closed
        headers = {}
        while (text := self.rfile.readline(65536).strip()):
            name, value = text.decode("latin-1").split(":", 1)
            headers[name.lower()] = value.strip()
        request = Request(line[1], headers, self.client_address[1], method=line[0])
        with self.server.lock:
            self.server.requests.append(request)
        return request

    def answer(self, request):
        page = self.server.pages.get(request.path.split("?")[0])
        if page is None:
            return self.send_simple(request, 404)
        with self.server.lock:
            page.served += 1
            for name, value in page.change.pop(page.served, {}).items():
                setattr(page, name, value)
            status = page.take(page.status)
            cut = page.take(page.cut)
        if status == 0:
            raise Closed
        if page.endless_headers:
            return self.send_endless_headers(page)
        if status or page.location:
            return self.send_simple(request, status or 302, page)
        if page.conditions and self.is_unchanged(request, page):
            return self.send_simple(request, 304, page)
        return self.send_page(request, page, cut)

    @staticmethod
    def is_unchanged(request, page):
        if request["If-None-Match"]:
            return page.etag and page.etag in request["If-None-Match"]
        return page.modified and request["If-Modified-Since"] == page.modified

    def send_head(self, request, status, headers):
        request.status = status
        lines = [f"HTTP/1.1 {status} Whatever", f"Date: {email.utils.formatdate(usegmt=True)}"]
        lines += [f"{name}: {value}" for name, value in headers.items() if value is not None]
        self.wfile.write("\r\n".join(lines + ["", ""]).encode("latin-1"))

    def send_simple(self, request, status, page=None):
        headers = dict(page.headers) if page else {}
        if page and page.location:
            headers["Location"] = page.location
        if page and status == 304:
            headers["ETag"] = page.etag
        body = b"" if status == 304 else b"<html>no</html>"
        if body:
            headers["Content-Length"] = len(body)
        self.send_head(request, status, headers)
        self.wfile.write(body)

    def send_endless_headers(self, page):
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(10 ** 9):
            self.wfile.write(f"X-{number}: {'x' * 100}\r\n".encode())
            if page.endless_headers == "slow":
                self.wait(0.3)

    def part_of(self, request, page):
        """First and end of the part that is asked for; None: the whole. Raises for a 416."""
        text = request["Range"]
        if not text or not page.ranges:
            return None
        condition = request["If-Range"]
        if condition and page.if_range == "refuse":
            return None
        if condition and page.if_range == "obey" and condition not in (page.etag, page.modified):
            return None
        first, last = text.removeprefix("bytes=").split("-")
        end = min(int(last) + 1, len(page.data)) if last else len(page.data)
        if int(first) >= len(page.data):
            raise IndexError
        if page.short_parts:
            end = min(end, int(first) + page.short_parts)
        return int(first), end

    def send_page(self, request, page, cut):
        headers = {"Content-Type": page.type, "ETag": page.etag, "Last-Modified": page.modified}
        headers.update(page.headers)
        try:
            part = self.part_of(request, page)
        except IndexError:
            headers.update({"Content-Range": f"bytes */{len(page.data)}", "Content-Length": 0})
            return self.send_head(request, 416, headers)
        status, body = 200, page.data
        if part:
            shift = page.shift if part[0] else 0
            status, body = page.part_status, page.data[part[0] + shift:part[1] + shift]
            body = body.ljust(part[1] - part[0], b"\0")
            if page.multipart:
                body = self.wrap(headers, part, page, body)
            if not page.no_range_header and page.multipart != "bare":
                total = len(page.data) if page.total is None else page.total
                headers["Content-Range"] = (
                    f"bytes {part[0] + page.lie}-{part[1] - 1 + page.lie}/{total}")
        if page.framing == "length":
            headers["Content-Length"] = len(body) if page.length is None else page.length
        elif page.framing == "chunked":
            headers["Transfer-Encoding"] = "chunked"
        else:
            headers["Connection"] = "close"
        self.send_head(request, status, headers)
        return self.send_body(request, page, body, cut)

    @staticmethod
    def wrap(headers, part, page, body):
        """As a server answers several ranges (RFC 9110, 14.6)."""
        headers["Content-Type"] = "multipart/byteranges; boundary=SEPARATOR"
        return (f"--SEPARATOR\r\nContent-Type: {page.type}\r\nContent-Range: bytes "
                f"{part[0]}-{part[1] - 1}/{len(page.data)}\r\n\r\n").encode() + body + (
                    b"\r\n--SEPARATOR--\r\n")

    def send_body(self, request, page, body, cut):
        limit = len(body) if cut is None else cut
        if page.stall is not None:
            limit = min(limit, page.stall)
        step = 65536
        for begin in range(0, min(limit, len(body)), step):
            piece = body[begin:min(begin + step, limit)]
            if page.framing == "chunked":
                piece = f"{len(piece):x}\r\n".encode() + piece + b"\r\n"
            request.writing = True
            try:
                self.wfile.write(piece)
                request.sent += len(piece)
            finally:
                request.writing = False
            if page.pace:
                self.wait(page.pace)
        if page.stall is not None and limit < len(body):
            self.wait(60)
        if limit < len(body):
            self.cut_off(page)
        if page.framing == "chunked":
            self.wfile.write(b"0\r\n\r\n")
        if page.framing == "close" or (page.length is not None and page.length != len(body)):
            raise Closed

    def wait(self, seconds):
        """As long as the client is there."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.server.stopping.wait(min(0.05, end - time.monotonic())):
                raise Closed

    def cut_off(self, page):
        """Ends the connection in order, or so that what is on its way is lost, too."""
        if page.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                       b"\1\0\0\0\0\0\0\0")
        raise Closed
