"""Webhook messages: who may be told, and that nothing can be forged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealtrace.errors import ProofInvalid, TargetRefused
from sealtrace.hooks import signing, targets

NOW = datetime(2026, 11, 28, 3, tzinfo=UTC)
INSIDE = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "::1",
    "fe80::1%eth0", "fc00::1", "::ffff:10.0.0.1", "2002:0a00:0001::1", "224.0.0.1", "255.255.255.255",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_nothing_is_sent_inside_the_house(address: str) -> None:
    with pytest.raises(TargetRefused):
        targets.check("https://receiver.example/hook", find=lambda _h, _p: [address])


def test_one_address_inside_is_enough_to_refuse_a_name() -> None:
    with pytest.raises(TargetRefused):
        targets.check("https://receiver.example", find=lambda _h, _p: ["1.1.1.1", "10.0.0.1"])


def test_the_checked_address_is_the_one_that_is_connected_to() -> None:
    target = targets.check("https://receiver.example/hook?a=1", find=lambda _h, _p: ["1.1.1.1"])
    assert (target.address, target.host, target.port, target.path) == (
        "1.1.1.1", "receiver.example", 443, "/hook?a=1",
    )  # fmt: skip


@pytest.mark.parametrize(
    "url",
    ["ftp://a.example", "file:///etc/passwd", "https://", "https://u:p@a.example", "http://a.example",
     "https://a.example:99999"],
)  # fmt: skip
def test_only_https_addresses_without_passwords(url: str) -> None:
    with pytest.raises(TargetRefused):
        targets.check(url, find=lambda _h, _p: ["1.1.1.1"])


def test_a_site_may_allow_a_network_of_its_own() -> None:
    allowed = [ip_network("10.8.0.0/16")]
    assert targets.check("http://siem.office/in", allowed, lambda _h, _p: ["10.8.1.1"]).port == 80
    with pytest.raises(TargetRefused):
        targets.check("http://siem.office/in", allowed, lambda _h, _p: ["10.9.1.1"])


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 255))
def test_a_message_is_believed_unchanged_only(body: bytes, at: int) -> None:
    secret = signing.new_secret()
    fields = signing.headers(secret, "msg_1", NOW, body)
    assert signing.verify(secret, fields, body, NOW) == "msg_1"
    with pytest.raises(ProofInvalid):
        signing.verify(secret, fields, body + bytes([at]), NOW)
    with pytest.raises(ProofInvalid):
        signing.verify(secret, fields, body, NOW + timedelta(minutes=6))
    with pytest.raises(ProofInvalid):
        signing.verify(signing.new_secret(), fields, body, NOW)


def test_the_signature_is_that_of_the_standard() -> None:
    # the example of the Standard Webhooks specification's reference libraries
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    fields = signing.headers(
        secret,
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        datetime.fromtimestamp(1614265330, UTC),
        b'{"test": 2432232314}',
    )
    assert fields["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
