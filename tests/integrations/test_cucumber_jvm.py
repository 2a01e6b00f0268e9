"""docs/cucumber-jvm.md: the classes that it shows, compiled, and played as Cucumber-JVM plays them.

Cucumber-JVM itself is no part of this: its annotations, and what hooks are told of a scenario, are
stood in for here, so that a JDK is all that is needed. The HTTP is real.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Final

import pytest
from tests.documents import Block, blocks_of
from tests.integrations.cucumber import Ran, environment

PAGE: Final = blocks_of("docs/cucumber-jvm.md")
CHANGING: Final = re.compile(
    r"-[0-9a-f]{6,}\b|\bn\d+\b|\d{4}-\d\d-\d\dT[\d:.]+Z|\d\d:\d\d:\d\d\.\d+|\b\d{4,}\b"
)
SCENARIO: Final = """
package io.cucumber.java;

import java.net.URI;
import java.util.Collection;
import java.util.List;

public final class Scenario {
    private final String name;
    private final List<String> tags;
    private final int line;
    public Status status = Status.PASSED;
    public String logged = "";

    public Scenario(String name, int line, String... tags) {
        this.name = name;
        this.line = line;
        this.tags = List.of(tags);
    }

    public Collection<String> getSourceTagNames() { return tags; }
    public Status getStatus() { return status; }
    public boolean isFailed() { return status == Status.FAILED; }
    public void log(String text) { logged += text; }
    public String getName() { return name; }
    public URI getUri() { return URI.create("classpath:shop/orders.feature"); }
    public Integer getLine() { return line; }
}
"""
STAND_INS: Final = {
    "io/cucumber/java/Scenario.java": SCENARIO,
    "io/cucumber/java/Status.java": "package io.cucumber.java;\n"
    "public enum Status { PASSED, SKIPPED, PENDING, UNDEFINED, AMBIGUOUS, FAILED, UNUSED }\n",
    **{
        f"io/cucumber/java/{name}.java": "package io.cucumber.java;\n"
        f"public @interface {name} {{ int order() default 10000; }}\n"
        for name in ("Before", "After")
    },
    **{
        f"io/cucumber/java/en/{name}.java": "package io.cucumber.java.en;\n"
        f"public @interface {name} {{ String value(); }}\n"
        for name in ("When", "Then")
    },
}
PLAY: Final = """
package shop;

import io.cucumber.java.Scenario;
import io.cucumber.java.Status;
import java.util.stream.IntStream;

public final class Play {
    interface Steps { void run(OrderSteps steps) throws Exception; }

    static String play(Scenario scenario, Steps steps) {
        MockApiHooks hooks = new MockApiHooks();
        String told = "";
        try {
            hooks.begin(scenario);
            steps.run(new OrderSteps());
        } catch (Exception | AssertionError error) {
            scenario.status = Status.FAILED;
            told += error.getMessage() + "\\n";
        }
        try {
            hooks.end(scenario);
        } catch (AssertionError error) {
            told += error.getMessage() + "\\n";
        }
        return scenario.getName() + ":\\n" + told + scenario.logged;
    }

    static void pay(OrderSteps steps, int status) throws Exception {
        steps.pay();
        steps.answerIs(status);
    }

    public static void main(String[] chosen) throws Exception {
        switch (chosen[0]) {
            case "green" -> {
                System.out.print(play(new Scenario("Paid", 3), steps -> pay(steps, 201)));
                System.out.print(play(new Scenario("Kept", 8, "@outage"), steps -> pay(steps, 503)));
            }
            case "red" -> System.out.print(
                play(new Scenario("The order is kept in an outage", 7), steps -> pay(steps, 503)));
            case "verdict" -> System.out.print(play(new Scenario("No \\"one\\" \\\\ minds\\t", 7), steps -> {
                MockApiHooks.mockApi().stub("{\\"request\\": {\\"path\\": \\"/payments\\"},"
                    + " \\"expect\\": 0, \\"response\\": {\\"status\\": 402}}");
                pay(steps, 402);
            }));
            case "typo" -> System.out.print(
                play(new Scenario("Typo", 7, "@mock.payment-down"), steps -> pay(steps, 503)));
            case "verify" -> System.out.print(play(new Scenario("Verified", 7), steps -> {
                pay(steps, 201);
                String expected = "{\\"expect\\": [{\\"request\\": {\\"path\\": \\"/payments\\"}, \\"times\\": %d}]}";
                MockApiHooks.mockApi().verify(expected.formatted(1));
                MockApiHooks.mockApi().verify(expected.formatted(2));
            }));
            default -> IntStream.range(0, 40).parallel().mapToObj(number -> play(
                new Scenario("Number " + number, number, number % 2 == 0 ? "@outage" : "@calm"),
                steps -> pay(steps, number % 2 == 0 ? 503 : 201))).sorted().forEachOrdered(System.out::print);
        }
    }
}
"""


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the classes of the page are, compiled, with ``mocks.yaml`` beside them."""
    if shutil.which("javac") is None or shutil.which("java") is None:
        pytest.skip("the classes of docs/cucumber-jvm.md need a JDK, and there is none here")
    folder = tmp_path_factory.mktemp("jvm")
    sources = {**STAND_INS, "shop/Play.java": PLAY}
    for block in PAGE:
        found = re.search(r"^(?:public )?(?:final )?class (\w+)", block.text, re.M)
        if block.language == "java" and found is not None and "@Suite" not in block.text:
            sources[f"shop/{found[1]}.java"] = block.text
    for name, text in sources.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    words = ["javac", "--release", "17", "-Xlint:all", "-Werror", "-d", "classes", *sources]
    done = subprocess.run(
        words, cwd=folder, capture_output=True, encoding="utf-8", timeout=100, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (folder / "mocks.yaml").write_text(_shown("yaml"), encoding="utf-8")
    return folder


def play(folder: Path, chosen: str, *options: str) -> Ran:
    words = [sys.executable, "-m", "pymockapi", "run", "mocks.yaml", *options, "--",
             "java", "-cp", "classes", "shop.Play", chosen]  # fmt: skip
    done = subprocess.run(
        words, cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        encoding="utf-8", timeout=100, check=False,
    )  # fmt: skip
    return Ran(done.returncode, done.stdout)


def test_each_scenario_has_the_mocks_of_its_tags(classes: Path) -> None:
    assert play(classes, "green") == Ran(0, "Paid:\nKept:\n")


def test_a_failure_shows_what_came_as_on_the_page(classes: Path) -> None:
    ran = play(classes, "red")
    assert ran.has("The order is kept in an outage:\nthe answer is 201\n")
    shown = CHANGING.sub("N", _shown("text"))
    assert shown in CHANGING.sub("N", ran.text), ran.text


def test_a_failed_verdict_fails_the_scenario_and_leaves_evidence(
    classes: Path, tmp_path: Path
) -> None:
    ran = play(classes, "verdict", "--artifacts", str(tmp_path))
    assert ran.has("expected none, got 1 (#1)", "1 recorded request:"), ran.text
    (path,) = tmp_path.glob("*.bundle.json")
    bundle = json.loads(path.read_text(encoding="utf-8"))
    assert bundle["finished"]["status"] == "passed"
    assert ["Upgrade", "h2c"] in bundle["requests"][0]["headers"], "Java's client offers HTTP/2"
    assert bundle["labels"] == {
        "runner": "cucumber-jvm", "test": "classpath:shop/orders.feature:7", "line": "7",
        "file": "classpath:shop/orders.feature", "scenario": 'No "one" \\ minds\t', "worker": "main",
    }  # fmt: skip


def test_a_tag_without_its_set_is_told(classes: Path) -> None:
    assert play(classes, "typo").has("did you mean '@mock.payments-down'?")


def test_a_verification_that_fails_tells_its_report(classes: Path) -> None:
    ran = play(classes, "verify")
    assert ran.has("FAILED ANY /payments: expected exactly 2, got 1 (#1)"), ran.text


def test_scenarios_side_by_side_do_not_meet_and_a_token_is_used(classes: Path) -> None:
    ran = play(classes, "parallel", "--token", "s3cret")
    assert ran == Ran(0, "".join(sorted(f"Number {number}:\n" for number in range(40))))


def test_without_a_server_the_way_to_one_is_told(classes: Path) -> None:
    done = subprocess.run(
        ["java", "-cp", "classes", "shop.Play", "green"], cwd=classes, env=environment(),
        capture_output=True, encoding="utf-8", timeout=100, check=False,
    )  # fmt: skip
    assert "run the tests as  pymockapi run mocks.yaml -- mvn test" in done.stdout


def test_the_page_names_the_tests_own_dependencies_alone() -> None:
    maven = "{http://maven.apache.org/POM/4.0.0}"
    project = ElementTree.fromstring(_shown("xml"))
    found = project.findall(f"{maven}dependencies/{maven}dependency")
    assert {each.findtext(f"{maven}groupId") for each in found} == {
        "io.cucumber", "org.junit.platform"}  # fmt: skip
    assert {each.findtext(f"{maven}scope") for each in found} == {"test"}


def _shown(language: str, place: int = 0) -> str:
    found: list[Block] = [block for block in PAGE if block.language == language]
    return found[place].text
