"""What tests of ``unittest`` import: ``from pymockapi.unittest import MockServerMixin, mocks``."""

from pymockapi.integrations.unittest_mixin import MockServerMixin, mocks

__all__ = ["MockServerMixin", "mocks"]
