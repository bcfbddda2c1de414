"""Coverage-guided fuzzing of the editor: python -m tests.fuzz.run [libFuzzer's options].

Needs atheris, which is in no lock file: install it into a virtual environment of its own. The
corpus is tests/fuzz/corpus; what libFuzzer finds new is added there.
"""

import importlib
import sys
from pathlib import Path

CORPUS = Path(__file__).resolve().parent / "corpus"


def main(arguments: list[str]) -> None:
    """Fuzz until a limit in `arguments` is reached, or something does not hold."""
    atheris = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["gateway.core"]):
        target = importlib.import_module("tests.fuzz.target")
    options = ["-max_len=6000", "-timeout=20", *arguments[1:], str(CORPUS)]
    atheris.Setup([arguments[0], *options], target.look_at_any)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv)
