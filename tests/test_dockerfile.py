"""The Dockerfile keeps what its reader is promised; no Docker is needed to see that.

Building the image is left to whoever has Docker; here each command's words are checked.
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import re
import shlex
import tomllib
from importlib import import_module

import pytest
import yaml
from tests.documents import ROOT, blocks_of

from pymockapi.cli.serve import add_arguments

TEXT = (ROOT / "Dockerfile").read_text(encoding="utf-8")
Instruction = tuple[str, str]


def instructions() -> list[Instruction]:
    """Return name and arguments of each instruction, continued lines joined."""
    kept = "\n".join(line for line in TEXT.splitlines() if not line.startswith("#"))
    joined = re.sub(r"\\\n\s*", " ", kept)
    found = (line.partition(" ") for line in joined.splitlines() if line.strip())
    return [(name, rest.strip()) for name, _, rest in found]


def stages() -> list[list[Instruction]]:
    found: list[list[Instruction]] = []
    for each in instructions():
        if each[0] == "FROM":
            found.append([])
        if found:
            found[-1].append(each)
    return found


def final(name: str) -> list[str]:
    """Return the arguments of each instruction ``name`` of the image that is shipped."""
    return [rest for each, rest in stages()[-1] if each == name]


def test_it_builds_in_one_stage_and_ships_another_of_the_same_base() -> None:
    assert [stage[0][1] for stage in stages()] == ["${BASE} AS build", "${BASE}"]
    assert final("COPY") == ["--from=build /opt/pymockapi /opt/pymockapi"]


def test_the_base_is_pinned_by_a_tag_with_its_minor_version() -> None:
    (base,) = (rest for name, rest in instructions() if name == "ARG")
    version = re.fullmatch(r"BASE=python:3\.(\d+)-slim-[a-z]+", base)
    assert version is not None
    classifiers = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["classifiers"]
    assert f"Programming Language :: Python :: 3.{version[1]}" in classifiers


def test_it_runs_as_a_user_with_a_number_that_is_not_roots() -> None:
    user, group = final("USER")[-1].split(":")
    assert int(user) > 1000
    assert int(group) > 1000
    names = [name for name, _ in stages()[-1]]
    assert names.index("USER") > names.index("COPY")  # what it runs, it cannot change
    assert not any("chown" in rest for _, rest in instructions())


def test_nothing_that_builds_or_installs_is_shipped() -> None:
    assert final("RUN") == ["python -m pip uninstall --yes --root-user-action=ignore pip"]
    assert "venv --without-pip" in TEXT
    assert not re.search(r"apt-get|curl|wget|build-essential|gcc|ADD |git ", TEXT)


def test_no_secret_is_baked_in() -> None:
    assert not re.search(r"(?i)(ENV|ARG)[^\n]*(TOKEN|SECRET|PASSWORD|KEY)", TEXT)


def test_it_stops_on_the_signal_that_the_server_drains_on() -> None:
    assert final("STOPSIGNAL") == ["SIGTERM"]
    assert final("ENTRYPOINT") == ['["pymockapi"]']  # process 1 itself, no shell between


def test_the_ports_of_the_server_are_exposed() -> None:
    assert final("EXPOSE") == ["8080 8443"]


def test_the_command_is_one_that_the_server_takes_and_others_reach_it() -> None:
    (command,) = final("CMD")
    words = json.loads(command)
    assert words[0] == "serve"
    options = parsed(words[1:])
    assert (options.host, options.port, options.log_format) == ("0.0.0.0", 8080, "json")
    assert options.token is None


def test_its_health_is_asked_of_the_server_itself() -> None:
    (check,) = final("HEALTHCHECK")
    options, _, command = check.partition(" CMD ")
    entry, name = json.loads(command)
    assert entry == "pymockapi"
    parser = argparse.ArgumentParser()
    import_module(f"pymockapi.cli.{name}").add_arguments(parser)
    assert parser.parse_args([]).url is None
    interval, timeout = (
        int(re.findall(rf"--{key}=(\d+)s", options)[0]) for key in ("interval", "timeout")
    )
    assert parser.parse_args([]).timeout < timeout < interval


def test_python_writes_nothing_so_that_the_image_may_be_read_only() -> None:
    (environment,) = final("ENV")
    settings = dict(pair.split("=", 1) for pair in shlex.split(environment))
    assert settings["PYTHONDONTWRITEBYTECODE"] == "1"
    assert settings["PATH"].startswith("/opt/pymockapi/bin:")


def test_what_is_copied_is_there_and_let_in_and_nothing_else_is() -> None:
    rules = [
        line
        for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    assert rules[0] == "*"
    let_in = {rule[1:] for rule in rules if rule.startswith("!")}
    copied = [
        source for name, rest in stages()[0] if name == "COPY" for source in shlex.split(rest)[:-1]
    ]
    assert set(copied) == let_in
    for source in copied:
        assert (ROOT / source).exists()
    assert not any(fnmatch.fnmatch(name, rule) for name in (".git", ".env") for rule in let_in)


def test_what_the_build_backend_reads_is_copied() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for needed in (project["readme"], *project["license-files"]):
        assert any(needed in rest for name, rest in stages()[0] if name == "COPY")


def test_the_extra_that_it_installs_has_every_extra_of_users() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    assert '".[all]"' in TEXT
    (everything,) = extras["all"]
    names = set(re.findall(r"[\w-]+", everything.partition("[")[2]))
    assert names == set(extras) - {"all", "test", "dev"}


# The page.

COMPOSE = [
    yaml.safe_load(block.text)
    for block in blocks_of("docs/hosting.md")
    if block.text.startswith("services:")
]


def test_the_compose_file_that_is_shown_hardens_the_mock() -> None:
    (compose,) = COMPOSE
    mock = compose["services"]["mock"]
    assert mock["read_only"] is True
    assert mock["tmpfs"] == ["/tmp"]
    assert mock["cap_drop"] == ["ALL"]
    assert set(mock["secrets"]) == set(compose["secrets"])
    options = parsed(mock["command"][1:])
    assert options.token_file == f"/run/secrets/{mock['secrets'][0]}"
    assert options.public_url == "http://mock:8080"
    assert options.tls


@pytest.mark.parametrize(
    "command",
    [
        line
        for block in blocks_of("docs/hosting.md")
        if block.language == "sh"
        for line in block.text.splitlines()
        if line.startswith("docker run")
    ],
)
def test_the_commands_that_are_shown_are_the_servers(command: str) -> None:
    words = shlex.split(command)
    assert parsed(words[words.index("pymockapi") + 2 :]).host == "0.0.0.0"


def parsed(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(words)
