"""Run by Debian's Python, not by ours: check signatures with python3-dkim, a line a mail.

In: `record mail` in base64, a blank between. Out: `pass` or `fail`.
"""

import base64
import sys

import dkim  # type: ignore[import-not-found]

for line in sys.stdin:
    record, mail = (base64.b64decode(word) for word in line.split())
    try:
        passed = dkim.verify(mail, dnsfunc=lambda _name, timeout=5, record=record: record)
    except dkim.MessageFormatError:
        passed = False
    sys.stdout.write("pass\n" if passed else "fail\n")
    sys.stdout.flush()
