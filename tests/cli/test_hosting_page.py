"""Every server that docs/hosting.md starts does start, and says so."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import trustme
from tests.documents import blocks_of

COMMANDS = [
    command
    for block in blocks_of("docs/hosting.md")
    if block.language == "sh"
    for command in block.text.splitlines()
    if command.startswith("pymockapi serve")
]


def test_the_page_starts_servers() -> None:
    assert len(COMMANDS) >= 4


@pytest.mark.parametrize("command", COMMANDS)
def test_a_server_that_is_shown_starts(command: str, tmp_path: Path) -> None:
    leaf = trustme.CA().issue_cert("localhost")
    leaf.private_key_pem.write_to_path(tmp_path / "server.key")
    leaf.cert_chain_pems[0].write_to_path(tmp_path / "server.pem")
    (tmp_path / "token.txt").write_text("s3cret\n")
    words = [re.sub(r"^\d{4,5}$", "0", word) for word in shlex.split(command)[1:]]
    words += ["--port", "0"] + (["--tls-port", "0"] if "--tls" in command else [])
    environment = {**os.environ, "PYMOCKAPI_TOKEN": ""}
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "pymockapi", *words, "--parent-pipe"],
        cwd=tmp_path, env=environment, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        line = process.stdout.readline()
        _, said = process.communicate(timeout=20)
    assert line.startswith("PyMockAPI is ready at "), said
    assert process.returncode == 0
