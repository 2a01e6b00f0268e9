"""Made-up data: a closed list, seeded by draws, and an extra."""

from __future__ import annotations

import pytest
from tests.documents import section
from tests.engine.templates.rendered import fault_in, limit_reached, value_of

from pymockapi.engine.templates import fakes
from pymockapi.engine.templates.fakes import FAKES


@pytest.mark.parametrize("name", FAKES)
def test_a_fake_is_a_text_that_the_same_draw_makes_again(name: str) -> None:
    template = f"{{{{ fake.{name}() }}}}"
    made = value_of(template)
    assert isinstance(made, str)
    assert made
    assert value_of(template) == made


def test_other_hits_have_other_fakes() -> None:
    assert len({value_of("{{ fake.name() }}", hit=hit) for hit in range(1, 20)}) > 10


def test_a_locale_is_written_out() -> None:
    assert value_of("{{ fake.name('ja_JP') }}") == value_of("{{ fake.name(locale='ja_JP') }}")
    assert not value_of("{{ fake.name('ja_JP') }}").isascii()


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("{{ fake.nam() }}", "there is no 'fake.nam'; did you mean 'fake.name'?"),
        ("{{ fake.pystr() }}", "there is no 'fake.pystr'; there are name,"),
        ("{{ fake.name.format() }}", "there is no 'fake.name.format'"),
        ("{{ fake.name('xx_XX') }}", "Faker has no locale 'xx_XX'"),
        ("{{ fake.name(request.query.l) }}", "the locale of a fake is written out"),
        (
            "{{ fake.paragraph(nb_sentences=1000000) }}",
            "'nb_sentences' is none of fake.paragraph's: 'locale'",
        ),
        ("{{ fake.color_name('zu_ZA', 2) }}", "fake.color_name takes 'locale', got 2"),
        ("{{ fake }}", "'fake' has functions; write fake.name()"),
        ("{{ fake.name }}", "'fake' has functions; write fake.name()"),
    ],
)
def test_a_mistake_is_told(template: str, problem: str) -> None:
    assert problem in fault_in(template)


def test_without_the_library_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fakes, "find_spec", lambda _: None)
    assert "needs Faker, which is not installed: uv pip install 'pymockapi[fake]'" in fault_in(
        "{{ fake.name() }}"
    )


def test_fakes_take_steps() -> None:
    assert "steps" in limit_reached(
        "{% for n in state.l %}{{ fake.word() }}{% endfor %}", state={"l": [1] * 100}
    )


def test_every_fake_is_on_the_page() -> None:
    told = section("docs/templates.md", "Functions")
    assert [name for name in FAKES if f"`{name}`" not in told] == []
