"""The products that the contract suite runs over, started once for all tests and emptied before each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from runbooks.adapters.graph.bolt import BoltGraph

from services.runbooks.tests.graph.products import PRODUCTS, Product


class Running:
    """The products that some test has asked for, by name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._products: dict[str, Product] = {}

    async def get(self, name: str) -> Product:
        if name not in self._products:
            product = PRODUCTS[name](self._folder / name)
            await product.start()
            self._products[name] = product
        return self._products[name]

    async def close(self) -> None:
        for product in self._products.values():
            await product.stop()


@pytest.fixture(scope="session", autouse=True)
def _start_cache_in_the_checkout() -> Iterator[None]:
    """Java's start cache lies with the other fetched and built things, not in the home of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(Path(__file__).parents[4] / ".cache"))
        yield


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    products = Running(tmp_path_factory.mktemp("products"))
    yield products
    await products.close()


def products(names: Sequence[str]) -> Any:
    """A fixture of these products, each empty."""

    # Parametrised per test and not per session: a session fixture with parameters is torn down at each change of the
    # parameter, which in random order means a server start for every other test.
    @pytest_asyncio.fixture(params=sorted(names), loop_scope="session")
    async def product(request: pytest.FixtureRequest, running: Running) -> Product:
        found = await running.get(request.param)
        await found.empty()
        return found

    return product


product = products(list(PRODUCTS))


@pytest.fixture
def graph(product: Product) -> BoltGraph:
    return product.graph
