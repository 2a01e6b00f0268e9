"""``fake.NAME(locale)``: made-up data of Faker, an extra; each call is seeded by a draw.

A closed list of names: what Faker makes of today's date, or of arguments that could ask for
gigabytes, is not on it. The locale is written out, so that no request has one loaded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from typing import Any, Final

from pymockapi.engine.features import load_faker
from pymockapi.engine.templates.calls import Literal, bind
from pymockapi.engine.templates.functions import Run, Signature
from pymockapi.engine.templates.inputs import Evaluate
from pymockapi.engine.templates.runtime import Rendering
from pymockapi.engine.templates.syntax import Fault
from pymockapi.model.errors import nearest
from pymockapi.model.stub import Json

FAKES: Final = (
    "name", "first_name", "last_name", "user_name", "email", "phone_number", "job", "company",
    "address", "street_address", "city", "postcode", "country", "country_code", "url", "domain_name",
    "ipv4", "ipv6", "mac_address", "word", "sentence", "paragraph", "color_name", "currency_code",
    "iban", "credit_card_number", "ean13", "password",
)  # fmt: skip
_STEPS: Final = 400  # of seeding and making one; 0.15 ms, and up to twice that
_PARAMETERS: Final = (("locale", "en_US"),)


def fake_function(
    name: str, given: Sequence[Evaluate], named: Mapping[str, Evaluate], at: int
) -> Signature:
    """Return what makes ``name``. Raises ``Fault``, also where Faker is not installed."""
    if name not in FAKES:
        near = nearest(name, FAKES, 1)
        hint = f"did you mean 'fake.{near[0]}'?" if near else f"there are {', '.join(FAKES)}"
        raise Fault(at, f"there is no 'fake.{name[:60]}'; {hint}")
    (argument,) = bind(f"fake.{name}", Signature(_unread, _PARAMETERS), given, named, at)
    locale = argument.value if isinstance(argument, Literal) else None
    if not isinstance(locale, str):
        raise Fault(at, "the locale of a fake is written out, as 'de_DE'")
    if find_spec("faker") is None:
        raise Fault(
            at,
            f"fake.{name} needs Faker, which is not installed: uv pip install 'pymockapi[fake]'",
        )
    known = load_faker().config.AVAILABLE_LOCALES
    if locale not in known:
        near = nearest(locale, known, 1)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        raise Fault(at, f"Faker has no locale '{locale[:60]}'{hint}")
    if not hasattr(_generator(locale), name):
        raise Fault(at, f"Faker has no '{name}' in the locale '{locale}'")
    return Signature(_making(name, locale))


def _unread(*_: object) -> None:
    """Stand for the function until its locale is known."""


@cache
def _generator(locale: str) -> Any:
    """Return Faker's generator of one locale; making it takes 40 ms."""
    return load_faker().Faker(locale)[locale]


def _making(name: str, locale: str) -> Run:
    generator = _generator(locale)
    make = getattr(generator, name)

    def fake(rendering: Rendering) -> Json:
        rendering.step(_STEPS)
        generator.seed_instance(rendering.draws.number())
        made = str(make())
        rendering.take(len(made))
        return made

    return fake
