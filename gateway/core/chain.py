"""What chains a ledger's entries: each hash covers the entry's content and the hash before it."""

import hashlib
import json
from collections.abc import Mapping

GENESIS = "0" * 64
"""What the first entry of every company has for `prev_hash`."""


def hash_content(content: Mapping[str, object]) -> str:
    """Return the SHA-256 of an entry's canonical JSON: keys in order, no blanks, ASCII."""
    canonical = json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()
