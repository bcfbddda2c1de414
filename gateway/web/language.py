"""Which language a page is shown in: asked for in the address, else the browser's wish."""

from starlette.requests import Request

from gateway.core.company import Language

_SPOKEN = {language.value: language for language in Language}


def asked_language(request: Request) -> Language | None:
    """Return the language that `?lang=` asks for, None without a known one."""
    return _SPOKEN.get(request.query_params.get("lang", ""))


def choose_language(request: Request) -> Language:
    """Return the language of the page: `?lang=`, the session's, Accept-Language, Japanese.

    Only the admin pages have a session.
    """
    chosen = asked_language(request) or _SPOKEN.get(request.scope.get("session", {}).get("lang"))
    return chosen or preferred_language(request.headers.get("accept-language", ""))


def preferred_language(accept_language: str) -> Language:
    """Return the first language of ours by weight (RFC 9110 section 12.5.4), else Japanese.

    `*` is no wish for anything else than the page's first language.
    """
    best, best_weight = Language.JA, 0.0
    for item in accept_language.lower().split(",")[:20]:
        tag, _, parameter = item.partition(";")
        language = _SPOKEN.get(tag.strip().partition("-")[0])
        weight = _read_weight(parameter)
        if language is not None and weight > best_weight:
            best, best_weight = language, weight
    return best


def _read_weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
