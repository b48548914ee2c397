"""A small certificate authority for one office, so that a server speaks TLS from the first day.

The authority's certificate is installed on the office's machines once; server certificates are short-lived and
made again with one command. Source: RFC 5280; CA/Browser Forum baseline requirements for the profile.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sealtrace.errors import UsageProblem

AUTHORITY_LIFE, SERVER_LIFE = timedelta(days=3650), timedelta(days=90)
BACKDATED = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Made:
    """Where the files are."""

    authority: Path
    certificate: Path
    key: Path
    ends_at: datetime


def make(folder: Path, names: list[str], org: str, now: datetime | None = None) -> Made:
    """Make a server certificate for host names and addresses, and the authority when there is none yet.

    Raises:
        UsageProblem: no name was given.
    """
    if not names:
        raise UsageProblem("a certificate needs at least one name", advice="Give --name HOST.")
    now = now or datetime.now(UTC)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    ca_file, ca_key_file = folder / "authority.pem", folder / "authority.key"
    if not ca_file.exists():
        ca_key = ec.generate_private_key(ec.SECP256R1())
        _write_key(ca_key_file, ca_key)
        ca_file.write_bytes(_authority(ca_key, org, now).public_bytes(serialization.Encoding.PEM))
    authority = x509.load_pem_x509_certificate(ca_file.read_bytes())
    ca_key = _read_key(ca_key_file)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _server(key, authority, ca_key, names, now)
    made = Made(ca_file, folder / "server.pem", folder / "server.key", certificate.not_valid_after_utc)
    _write_key(made.key, key)
    made.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + ca_file.read_bytes())
    return made


def _authority(key: ec.EllipticCurvePrivateKey, org: str, now: datetime) -> x509.Certificate:
    name = x509.Name([
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, org[:64]),
        x509.NameAttribute(NameOID.COMMON_NAME, "Sealtrace authority"),
    ])  # fmt: skip
    usage = x509.KeyUsage(
        digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    return (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED).not_valid_after(now + AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip


def _server(
    key: ec.EllipticCurvePrivateKey, authority: x509.Certificate, ca_key: ec.EllipticCurvePrivateKey,
    names: list[str], now: datetime,
) -> x509.Certificate:  # fmt: skip
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64])]))
        .issuer_name(authority.subject).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED).not_valid_after(now + SERVER_LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )  # fmt: skip


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    data = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(data)


def _read_key(path: Path) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(path.read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key
