"""The contract's assertions are explained as those of a test module."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("tests.store.contract", "tests.store.worlds")
