"""The two verifiers, one process each for the whole session, with keys that they know."""

from collections.abc import Iterator

import pytest

from gateway.core.dkim import Algorithm
from gateway.keys.signing import NewKey, make_key
from tests.dkim.oracle import Bench, Verifier, dkimpy, mail_dkim


@pytest.fixture(scope="session")
def keys() -> dict[Algorithm, NewKey]:
    """Give a key of each kind."""
    return {algorithm: make_key(algorithm) for algorithm in Algorithm}


@pytest.fixture(scope="session")
def python_verifier() -> Iterator[Verifier]:
    """Give python3-dkim."""
    with dkimpy() as running:
        yield running


@pytest.fixture(scope="session")
def perl_verifier() -> Iterator[Verifier]:
    """Give Mail::DKIM."""
    with mail_dkim() as running:
        yield running


@pytest.fixture(
    scope="session",
    params=[
        pytest.param(("python_verifier", Algorithm.RSA), id="dkimpy-rsa"),
        pytest.param(("python_verifier", Algorithm.ED25519), id="dkimpy-ed25519"),
        # Debian 12's Mail::DKIM came before RFC 8463.
        pytest.param(("perl_verifier", Algorithm.RSA), id="Mail::DKIM-rsa"),
    ],
)
def bench(request: pytest.FixtureRequest, keys: dict[Algorithm, NewKey]) -> Bench:
    """Give each verifier with each kind of key that it knows."""
    name, algorithm = request.param
    return Bench(request.getfixturevalue(name), keys[algorithm])
