"""A small order service: reserves stock, takes the payment, ships; in a process of its own.

Standard library only. The addresses of the three APIs that it calls come from STOCK_URL,
PAYMENTS_URL and SHIPPING_URL. It forwards `baggage` from the incoming request to its own
calls, as an instrumented service does, so one process can serve many tests at once.
"""

from __future__ import annotations

import argparse
import json
import os
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ATTEMPTS = 3
BACKOFF_S = 0.02  # doubled after each attempt
TIMEOUT_S = 5.0
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class UpstreamError(Exception):
    """An API that this service needs refused, or did not recover in time."""

    def __init__(self, what: str, status: int) -> None:
        super().__init__(f"{what} answered {status}")
        self.status = status


@dataclass(frozen=True)
class Upstream:
    """One API that the service calls, with the headers of the order it calls for."""

    what: str
    url: str
    baggage: str | None

    def send(self, method: str, path: str, data: Any = None) -> Any:
        """Return the answer's JSON; 503 is tried again after a growing pause."""
        for attempt in range(ATTEMPTS):
            status, body = self._attempt(method, path, data)
            if status != 503:
                break
            if attempt + 1 < ATTEMPTS:
                time.sleep(BACKOFF_S * 2**attempt)
        if status >= 400:
            raise UpstreamError(self.what, status)
        return json.loads(body) if body else None

    def _attempt(self, method: str, path: str, data: Any) -> tuple[int, bytes]:
        headers = {"Content-Type": "application/json"}
        if self.baggage:
            headers["Baggage"] = self.baggage
        body = None if data is None else json.dumps(data).encode()
        request = urllib.request.Request(self.url + path, body, headers, method=method)
        try:
            with _OPENER.open(request, timeout=TIMEOUT_S) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()


def place_order(order: Any, baggage: str | None) -> Any:
    """Reserve, pay, ship; what was reserved is given back if the payment fails."""
    stock = Upstream("stock", os.environ["STOCK_URL"], baggage)
    payments = Upstream("payments", os.environ["PAYMENTS_URL"], baggage)
    shipping = Upstream("shipping", os.environ["SHIPPING_URL"], baggage)
    reservation = stock.send("POST", "/reservations", {"sku": order["sku"]})
    try:
        payment = payments.send("POST", "/payments", {"amount": order["amount"]})
    except UpstreamError:
        stock.send("DELETE", f"/reservations/{reservation['id']}")
        raise
    shipment = shipping.send("POST", "/shipments", {"reservation": reservation["id"]})
    return {"payment": payment["id"], "shipment": shipment["id"]}


class Handler(BaseHTTPRequestHandler):
    """`POST /orders` with `{"sku", "amount"}`: 201, or 502 naming the API that failed."""

    def do_POST(self) -> None:
        order = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        try:
            self._answer(201, place_order(order, self.headers.get("baggage")))
        except UpstreamError as error:
            self._answer(502, {"error": str(error)})

    def _answer(self, status: int, data: Any) -> None:
        body = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet: the tests look at answers and at recorded calls."""


class Server(ThreadingHTTPServer):
    request_queue_size = 128  # ten tests that start together are no overload
    daemon_threads = True


def main() -> None:
    parser = argparse.ArgumentParser(description="The order service of the checkout example.")
    parser.add_argument("--port", type=int, default=8000, help="0 takes a free one")
    server = Server(("127.0.0.1", parser.parse_args().port), Handler)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
