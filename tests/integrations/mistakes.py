"""Typical mistakes, as tests that fail by them, and what tells of them in the terminal.

Names of namespaces, ports and seeds differ from run to run, so ``*`` stands for them.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Mistake(NamedTuple):
    """``told`` are lines in their order, others may lie between; the last one tells why."""

    code: str
    told: list[str]


MISTAKES: Final = {
    "the path is another": Mistake(
        """
def test_shop(mock_api):
    order = mock_api.get("/orders/{id}").respond(name="order")
    call(mock_api.url + "/order/7")
    order.assert_called_once()
""",
        [
            "E *Stub 'order' (GET /orders/{id}): expected 1 request, got 0.",
            "E *1  GET /order/7 -> 404, no-match",
            "E *Near, but different: 1  GET /order/7",
            "E *path: expected /orders/{id}, got /order/7",
        ],
    ),
    "the method is another": Mistake(
        """
def test_shop(mock_api):
    pay = mock_api.post("/payments").respond(201, name="pay")
    call(mock_api.url + "/payments", "PUT")
    pay.assert_called_once()
""",
        ["E *1  PUT /payments -> 404, no-match", "E *method: expected POST, got PUT"],
    ),
    "the query is another": Mistake(
        """
def test_shop(mock_api):
    orders = mock_api.get("/orders", query={"page": 2, "size": 10}).respond(name="orders")
    call(mock_api.url + "/orders?page=1&size=10")
    orders.assert_called_once()
""",
        [
            "E *1  GET /orders?page=1&size=10 -> 404, no-match",
            'E *query.page: expected *"2", got "1"',
        ],
    ),
    "a field of the body is another": Mistake(
        """
import urllib.request

def test_shop(mock_api):
    mock_api.post("/payments", json={"amount": 42, "card": {"last4": "4242"}}).respond(name="pay")
    urllib.request.urlopen(mock_api.url + "/payments", b'{"amount": 42, "card": {"last4": "1"}}')
""",
        [
            "E *HTTP Error 404: Not Found",
            "  1  POST /payments -> 404, no-match",
            "       nearest is stub 'pay':",
            '         body.$.card.last4: expected equal to "4242", got "1"',
        ],
    ),
    "a header is missing": Mistake(
        """
def test_shop(mock_api):
    mock_api.get("/me", headers={"authorization": "Bearer abc"}).respond(name="me")
    assert call(mock_api.url + "/me") == 200
""",
        [
            "E *assert 404 == 200",
            "  1  GET /me -> 404, no-match",
            "       nearest is stub 'me':",
            '         header.authorization: expected equal to "Bearer abc", got missing',
        ],
    ),
    "it was called too often": Mistake(
        """
def test_shop(mock_api):
    pay = mock_api.post("/payments").respond(201, name="pay")
    call(mock_api.url + "/payments", "POST"), call(mock_api.url + "/payments", "POST")
    pay.assert_called_once()
""",
        [
            "E *Stub 'pay' (POST /payments): expected 1 request, got 2.",
            "E *1  POST /payments -> 201, stub 'pay'",
            "E *2  POST /payments -> 201, stub 'pay'",
        ],
    ),
    "it was called too rarely": Mistake(
        """
def test_shop(mock_api):
    pay = mock_api.post("/payments").respond(503, name="pay")
    call(mock_api.url + "/payments", "POST")
    pay.wait(3, within=0.05)
""",
        [
            "E *Verification of namespace 'test-shop-*: failed",
            "E *within 0.05 s",
            "E *FAILED stub 'pay' (POST /payments): expected exactly 3, got 1 (#1)",
        ],
    ),
    "a stub expected more": Mistake(
        """
def test_shop(mock_api):
    mock_api.post("/payments").respond(201, name="pay", expect=2)
    call(mock_api.url + "/payments", "POST")
""",
        [
            "*ERROR at teardown of test_shop*",
            "  1 stub that answered fewer requests than expected:",
            "    'pay' (POST /payments): expected exactly 2, got 1 (#1)",
        ],
    ),
    "the order is another": Mistake(
        """
def test_shop(mock_api):
    reserve = mock_api.post("/stock").respond(name="reserve")
    pay = mock_api.post("/payments").respond(201, name="pay")
    call(mock_api.url + "/payments", "POST"), call(mock_api.url + "/stock", "POST")
    mock_api.verify([reserve, pay], order="strict")
""",
        [
            "E *The order (strict) was left here:",
            "E *expected *| got",
            "E *> stub 'reserve' (POST /stock) | #1 POST /payments -> 201",
        ],
    ),
    "something else came": Mistake(
        """
def test_shop(mock_api):
    pay = mock_api.post("/payments").respond(201, name="pay")
    mock_api.any("/refunds").respond(name="refund")
    call(mock_api.url + "/payments", "POST"), call(mock_api.url + "/refunds", "POST")
    mock_api.verify([pay], nothing_else=True)
""",
        ["E *FAILED 1 request that nothing expected:", "E *#2 POST /refunds -> 200"],
    ),
    "the sequence is past its end": Mistake(
        """
def test_shop(mock_api):
    steps = [{"status": 202, "times": 2}, {"status": 200, "times": 1}]
    mock_api.get("/job").respond_with(steps, name="job")
    assert [call(mock_api.url + "/job") for _ in range(4)][-1] == 200
""",
        [
            "  3  GET /job -> 200, stub 'job', step 2",
            "  4  GET /job -> 404, no-match",
            "       stub 'job' fits, but its sequence of 2 steps is past its end",
        ],
    ),
    "the sequence fails past its end": Mistake(
        """
def test_shop(mock_api):
    mock_api.get("/job").respond_with([{"status": 202}], name="job", after_last="fail")
    assert [call(mock_api.url + "/job") for _ in range(2)][-1] == 202
""",
        [
            "  1  GET /job -> 202, stub 'job', step 1",
            "  2  GET /job -> 599, stub 'job', sequence-exhausted",
            "       The sequence of stub 'job' in namespace 'test-shop-*' has served its 1 request* and"
            " says after_last: fail.",
        ],
    ),
    "another test's namespace was asked": Mistake(
        """
def test_shop(mock_api, make_mock_api):
    other = make_mock_api("other-shop")
    order = mock_api.get("/orders").respond(name="order")
    call(other.url + "/orders")
    order.assert_called_once()
""",
        [
            "E *Namespace 'test-shop-*' has received nothing.",
            "Namespace 'other-shop' at http://127.0.0.1:*/~other-shop",
            "  1  GET /orders -> 404, no-match",
        ],
    ),
    "the namespace had ended": Mistake(
        """
def test_before(mock_api, request):
    request.config.old_url = mock_api.url

def test_shop(mock_api, request):
    order = mock_api.get("/orders").respond(name="order")
    call(request.config.old_url + "/orders")
    order.assert_called_once()
""",
        [
            "E *Namespace 'test-shop-*' has received nothing.",
            "E *Meanwhile 1 request, of whichever test, named no live namespace; the last:",
            "E *GET /~test-before-*/orders -> finished-namespace 'test-before-*', by path, which was"
            " that of test_shop.py::test_before",
        ],
    ),
    "there is no such namespace": Mistake(
        """
def test_shop(mock_api, mock_api_server):
    order = mock_api.get("/orders").respond(name="order")
    call(mock_api_server.url + "/~shop/orders")
    order.assert_called_once()
""",
        ["E *GET /~shop/orders -> unknown-namespace 'shop', by path"],
    ),
    "the request named no namespace": Mistake(
        """
def test_shop(mock_api, mock_api_server):
    order = mock_api.get("/orders").respond(name="order")
    call(mock_api_server.url + "/orders")
    order.assert_called_once()
""",
        ["E *named no live namespace; the last:", "E *GET /orders -> no-namespace"],
    ),
    "nothing was called at all": Mistake(
        """
def test_shop(mock_api):
    order = mock_api.get("/orders").respond(name="order")
    order.assert_called_once()
""",
        [
            "E *Stub 'order' (GET /orders): expected 1 request, got 0.",
            "E *Namespace 'test-shop-*' has received nothing.",
        ],
    ),
    "the answer is still on its way": Mistake(
        """
import threading

def test_shop(mock_api):
    slow = mock_api.get("/slow").respond(delay="5m", name="slow")
    url = mock_api.url + "/slow"
    threading.Thread(target=lambda: pytest.raises(OSError, call, url), daemon=True).start()
    slow.wait(1, within=20)
    assert False, "the page showed nothing"
""",
        [
            "E *the page showed nothing",
            "  1  GET /slow -> 200, stub 'slow', not answered yet: delayed",
        ],
    ),
}
