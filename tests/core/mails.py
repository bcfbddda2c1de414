"""Small mails for tests, written with LF and turned to CRLF at the end."""


def part(content_type: str, body: str, *fields: str) -> str:
    """Write one part: its Content-Type, further fields, an empty line, the body."""
    return "\n".join((f"Content-Type: {content_type}", *fields, "", body))


def multipart(subtype: str, *parts: str) -> str:
    """Write a multipart with the boundary `b`, or a longer one of `b`s when one is inside."""
    boundary = "b"
    while any(f"--{boundary}\n" in part for part in parts):
        boundary = f"{boundary}x"
    content = "".join(f"--{boundary}\n{part}\n" for part in parts)
    return f"Content-Type: multipart/{subtype}; boundary={boundary}\n\n{content}--{boundary}--\n"


def mail(content: str, *fields: str) -> bytes:
    """Write a message around a part; characters stand for bytes (Latin-1)."""
    head = ("From: hr@a.example", "To: taro@mail.example", "Subject: x", "MIME-Version: 1.0")
    return "\n".join((*head, *fields, content)).replace("\n", "\r\n").encode("latin-1")
