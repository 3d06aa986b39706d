"""Secrets: found where they belong, checked for their form, never shown."""

from __future__ import annotations

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.null import Keyring as NullKeyring
from keyring.errors import KeyringLocked

from cashier.errors import Misconfigured
from cashier.keychain import Keychain, Secret, checked_stripe_key, split_webhook_secrets


class MemoryKeyring(KeyringBackend):
    """A keyring as a desktop has one, kept in memory; it can be locked."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service, username):
        if self.locked:
            raise KeyringLocked("locked")
        return self.kept.get((service, username))

    def set_password(self, service, username, password):
        if self.locked:
            raise KeyringLocked("locked")
        self.kept[service, username] = password


@pytest.fixture
def system_keyring():
    before, mine = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(mine)
    yield mine
    keyring.set_keyring(before)


def test_the_environment_comes_before_the_folder_and_the_keyring(tmp_path, system_keyring):
    folder = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    credential = tmp_path / "stripe-key"
    credential.write_text("rk_test_folder\n")
    credential.chmod(0o400)
    Keychain({}).store(Secret.STRIPE_KEY, "rk_test_keyring")

    assert Keychain({"CASHIER_STRIPE_KEY": "rk_test_env", **folder}).find(Secret.STRIPE_KEY) == "rk_test_env"
    assert Keychain(folder).find(Secret.STRIPE_KEY) == "rk_test_folder"
    assert Keychain({}).find(Secret.STRIPE_KEY) == "rk_test_keyring"


def test_a_secret_that_is_nowhere_is_none(system_keyring):
    assert Keychain({}).find(Secret.DATABASE_PASSWORD) is None


def test_a_credential_that_everybody_can_read_is_refused(tmp_path, system_keyring):
    credential = tmp_path / "stripe-key"
    credential.write_text("rk_test_folder")
    credential.chmod(0o644)

    with pytest.raises(Misconfigured, match="read by everybody"):
        Keychain({"CREDENTIALS_DIRECTORY": str(tmp_path)}).find(Secret.STRIPE_KEY)


def test_a_locked_keyring_says_so(system_keyring):
    system_keyring.locked = True

    with pytest.raises(Misconfigured, match="did not give"):
        Keychain({}).find(Secret.STRIPE_KEY)
    with pytest.raises(Misconfigured, match="did not take"):
        Keychain({}).store(Secret.STRIPE_KEY, "rk_test_x")


def test_a_keyring_that_fails_in_a_way_of_its_own_says_so_and_repeats_nothing(system_keyring, monkeypatch):
    def fail(*words):
        raise ConnectionResetError(f"org.freedesktop.DBus.Error.NoReply {words}")

    monkeypatch.setattr(system_keyring, "get_password", fail)
    monkeypatch.setattr(system_keyring, "set_password", fail)

    with pytest.raises(Misconfigured, match="did not give the stripe-key: ConnectionResetError"):
        Keychain({}).find(Secret.STRIPE_KEY)
    with pytest.raises(Misconfigured, match="did not take") as refusal:
        Keychain({}).store(Secret.STRIPE_KEY, "rk_test_x")

    assert "rk_test_x" not in str(refusal.value)


def test_a_keyring_that_keeps_nothing_is_told_when_a_secret_is_stored(system_keyring):
    keyring.set_keyring(NullKeyring())

    with pytest.raises(Misconfigured, match=r"keeps nothing \(keyring\.backends\.null") as refusal:
        Keychain({}).store(Secret.STRIPE_KEY, "rk_test_x")

    assert "rk_test_x" not in str(refusal.value)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "latin-1"])
def test_a_credential_in_another_encoding_gets_plain_words(tmp_path, system_keyring, encoding):
    credential = tmp_path / "stripe-key"
    credential.write_bytes("rk_test_schlüssel".encode(encoding))
    credential.chmod(0o400)

    with pytest.raises(Misconfigured, match="not text in UTF-8"):
        Keychain({"CREDENTIALS_DIRECTORY": str(tmp_path)}).find(Secret.STRIPE_KEY)


def test_a_mark_of_its_encoding_is_no_part_of_a_credential(tmp_path, system_keyring):
    credential = tmp_path / "stripe-key"
    credential.write_bytes(b"\xef\xbb\xbfrk_test_folder\r\n")
    credential.chmod(0o400)

    assert Keychain({"CREDENTIALS_DIRECTORY": str(tmp_path)}).find(Secret.STRIPE_KEY) == "rk_test_folder"


@pytest.mark.parametrize(
    ("key", "mode", "reason"),
    [
        (None, "test", "no Stripe key"),
        ("", "test", "no Stripe key"),
        ("pk_test_abc", "test", "publishable"),
        ("whsec_abc", "test", "webhook"),
        ("sk_test_", "test", "form"),
        ("hello", "test", "form"),
        ("sk_live_abc", "test", "live key"),
        ("rk_test_abc", "live", "test key"),
        ("sk_test_äöü", "test", "form"),
        ("sk_test_" + "a" * 1000, "test", "form"),
    ],
)
def test_a_wrong_key_is_refused_without_being_repeated(key, mode, reason):
    with pytest.raises(Misconfigured, match=reason) as refusal:
        checked_stripe_key(key, mode)

    assert refusal.value.advice
    assert not key or len(key) < 8 or key not in str(refusal.value)


@pytest.mark.parametrize(("key", "mode"), [("sk_test_abc", "test"), ("rk_test_abc", "test"), ("rk_live_abc", "live")])
def test_secret_and_restricted_keys_of_the_mode_are_accepted(key, mode):
    assert checked_stripe_key(key, mode) == key


def test_several_webhook_secrets_are_accepted_while_one_is_rolled():
    assert split_webhook_secrets(" whsec_a, whsec_b\nwhsec_c ") == ("whsec_a", "whsec_b", "whsec_c")


@pytest.mark.parametrize("text", [None, "  ", "secret", "whsec_a,sk_test_b", "whsec_"])
def test_a_wrong_webhook_secret_is_refused(text):
    with pytest.raises(Misconfigured):
        split_webhook_secrets(text)
