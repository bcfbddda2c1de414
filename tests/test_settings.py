"""A wrong setting stops the start with a sentence that says what to do."""

import stat
from pathlib import Path

import pytest
from pydantic import SecretStr

from gateway.errors import SettingError
from gateway.settings import HostPort, load_settings, read_secret


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("CAREER_RELAY_SMTP_LISTEN", "nonsense"),
        ("CAREER_RELAY_SMTP_LISTEN", "host:99999"),
        ("CAREER_RELAY_PUBLIC_URL", "ftp://relay.example"),
        ("CAREER_RELAY_MAX_MESSAGE_BYTES", "big"),
        ("CAREER_RELAY_SWEEP_SECONDS", "31"),
        ("CAREER_RELAY_SECRET_KEY", "short"),
    ],
)
def test_a_wrong_value_names_variable_meaning_and_example(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingError) as caught:
        load_settings()
    text = str(caught.value)
    assert text.startswith(f"{variable}: ")
    assert f"Example: {variable}=" in text or "SECRET" in variable


def test_a_secret_is_never_quoted_in_the_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAREER_RELAY_SECRET_KEY", "too-short-a-secret")
    with pytest.raises(SettingError) as caught:
        load_settings()
    assert "too-short-a-secret" not in str(caught.value)


def test_every_wrong_value_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAREER_RELAY_SMTP_LISTEN", "x")
    monkeypatch.setenv("CAREER_RELAY_WEB_LISTEN", "y")
    with pytest.raises(SettingError) as caught:
        load_settings()
    assert len(str(caught.value).splitlines()) == 2


def test_addresses_are_read_with_and_without_brackets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAREER_RELAY_SMTP_LISTEN", "[::1]:25")
    listen = load_settings().smtp_listen
    assert listen == HostPort("::1", 25)
    assert str(listen) == "[::1]:25"
    assert listen.is_loopback


def test_a_generated_secret_is_kept_and_private(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    secret = read_secret(None, folder, "secret-key")
    assert len(secret) == 64
    assert read_secret(None, folder, "secret-key") == secret
    assert stat.S_IMODE((folder / "secret-key").stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == ["secret-key"]
    assert read_secret(SecretStr("given"), folder, "secret-key") == "given"
