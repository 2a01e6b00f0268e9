"""behave: the suite's own steps."""

import json
import urllib.request
from typing import Any

from behave import then, when


@when('"{sku}" is ordered for {amount:d} EUR')
def order(context: Any, sku: str, amount: int) -> None:
    baggage = {"Baggage": f"mock.namespace={context.mock_api.name}"}
    body = json.dumps({"sku": sku, "amount": amount}).encode()
    request = urllib.request.Request(f"{context.shop}/orders", body, baggage)
    with urllib.request.urlopen(request) as answer:
        context.outcome = json.load(answer)["outcome"]


@then("the order is {outcome}")
def order_is(context: Any, outcome: str) -> None:
    assert context.outcome == outcome, f"the order is {context.outcome}"
