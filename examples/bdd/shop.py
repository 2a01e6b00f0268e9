"""The system under test: takes orders, and calls an API for each; in a process of its own.

``POST /orders {"sku", "amount"}`` answers ``{"outcome"}``. The header ``baggage`` goes on to the API,
as instrumented services pass it on: so one shop serves scenarios side by side, each with its own
mocks. Standard library only; the API's address is the first argument.
"""

from __future__ import annotations

import json
import sys
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ATTEMPTS = 3
TIMEOUT_S = 10.0
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def place_order(api: str, order: Any, headers: dict[str, str]) -> str:
    """Look what is in stock, pay, and return what becomes of the order."""
    status, stock = _call(f"{api}/stock/{order['sku']}", None, headers)
    if status != 200:
        return "not possible"
    if json.loads(stock)["left"] == 0:
        return "sold out"
    status = _pay(api, order["amount"], headers)
    if status == 503:
        return "kept for later"
    return "placed" if status == 201 else "refused"


def _pay(api: str, amount: int, headers: dict[str, str]) -> int:
    status = 503
    for _ in range(ATTEMPTS):
        status, _ = _call(f"{api}/payments", {"amount": amount}, headers)
        if status != 503:
            break
    return status


def _call(url: str, data: Any, headers: dict[str, str]) -> tuple[int, bytes]:
    body = None if data is None else json.dumps(data).encode()
    try:
        request = urllib.request.Request(url, body, headers)
        with _OPENER.open(request, timeout=TIMEOUT_S) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        order = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        headers = {"Content-Type": "application/json", "Baggage": self.headers.get("baggage", "")}
        body = json.dumps({"outcome": place_order(sys.argv[1], order, headers)}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet: the scenarios look at what the API received."""


def main() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
