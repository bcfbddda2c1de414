"""A hash under a key is the standard library's, however many keys and threads ask in turn."""

import hashlib
import hmac
import random
from concurrent.futures import ThreadPoolExecutor

from gateway.core.keyed import keyed_hash


def test_it_is_hmac_sha256_under_any_key() -> None:
    chance = random.Random(1)
    keys = [chance.randbytes(length) for length in (0, 1, 32, 64, 65, 200)] * 3
    for key in keys:
        text = chance.randbytes(chance.choice((0, 40, 5000)))
        assert keyed_hash(key, text) == hmac.digest(key, text, hashlib.sha256)


def test_threads_that_share_a_key_do_not_disturb_each_other() -> None:
    texts = [bytes(str(number), "ascii") * 800 for number in range(300)]
    with ThreadPoolExecutor(8) as pool:
        hashed = list(pool.map(lambda text: keyed_hash(b"k" * 32, text), texts))
    assert hashed == [hmac.digest(b"k" * 32, text, hashlib.sha256) for text in texts]
