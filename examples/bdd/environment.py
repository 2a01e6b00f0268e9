"""behave: one shop for all scenarios. Their mocks need no line here."""

import subprocess
import sys
from pathlib import Path
from typing import Any

SHOP = Path(__file__).with_name("shop.py")


def before_all(context: Any) -> None:
    command = [sys.executable, str(SHOP), context.mock_api_server.url]
    context.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    context.shop = context.process.stdout.readline().strip()


def after_all(context: Any) -> None:
    with context.process:
        context.process.terminate()
