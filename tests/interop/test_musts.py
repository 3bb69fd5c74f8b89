"""Each demand of the tasks specification has tests that prove it, and they exist."""

import ast
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from tests.interop.musts import MUSTS, Must

ROOT = Path(__file__).parents[2]


@cache
def _tests(file: str) -> frozenset[str]:
    """The names of a file's tests."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    functions = (node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(function.name for function in functions if function.name.startswith("test_"))


@pytest.mark.parametrize("must", MUSTS, ids=lambda must: must.id)
def test_a_demand_names_tests_that_exist(must: Must) -> None:
    assert must.proofs
    for proof in must.proofs:
        file, _, name = proof.partition("::")
        assert name in _tests(file)


def test_each_demand_is_there_once() -> None:
    assert max(Counter(must.id for must in MUSTS).values()) == 1
    assert max(Counter(must.demand for must in MUSTS if not must.demand.startswith("Its result")).values()) == 1
