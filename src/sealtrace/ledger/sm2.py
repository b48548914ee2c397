"""SM2 signatures with SM3 (GB/T 32918.2, GM/T 0009) through the system's libcrypto, which has what wheels lack.

Signatures are DER, public keys uncompressed points of 65 bytes, the signer's id is the standard's default.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, cached_property
from typing import Any

from cryptography.exceptions import InvalidSignature

from sealtrace.errors import CryptographyUnavailable

DEFAULT_ID = b"1234567812345678"  # GM/T 0009, 7
ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123  # GB/T 32918.5
_MAX_SIGNATURE = 80
_EVP_PKEY_KEYPAIR, _EVP_PKEY_PUBLIC_KEY = 0x87, 0x86

_POINTER, _INT, _SIZE, _BYTES = ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t, ctypes.c_char_p
_FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "OSSL_PARAM_BLD_new": (_POINTER, []),
    "OSSL_PARAM_BLD_free": (None, [_POINTER]),
    "OSSL_PARAM_BLD_push_utf8_string": (_INT, [_POINTER, _BYTES, _BYTES, _SIZE]),
    "OSSL_PARAM_BLD_push_octet_string": (_INT, [_POINTER, _BYTES, _BYTES, _SIZE]),
    "OSSL_PARAM_BLD_push_BN": (_INT, [_POINTER, _BYTES, _POINTER]),
    "OSSL_PARAM_BLD_to_param": (_POINTER, [_POINTER]),
    "OSSL_PARAM_free": (None, [_POINTER]),
    "BN_bin2bn": (_POINTER, [_BYTES, _INT, _POINTER]),
    "BN_free": (None, [_POINTER]),
    "EC_GROUP_new_by_curve_name": (_POINTER, [_INT]),
    "EC_GROUP_free": (None, [_POINTER]),
    "EC_POINT_new": (_POINTER, [_POINTER]),
    "EC_POINT_free": (None, [_POINTER]),
    "EC_POINT_mul": (_INT, [_POINTER, _POINTER, _POINTER, _POINTER, _POINTER, _POINTER]),
    "EC_POINT_point2oct": (_SIZE, [_POINTER, _POINTER, _INT, _BYTES, _SIZE, _POINTER]),
    "EVP_PKEY_CTX_new_from_name": (_POINTER, [_POINTER, _BYTES, _BYTES]),
    "EVP_PKEY_fromdata_init": (_INT, [_POINTER]),
    "EVP_PKEY_fromdata": (_INT, [_POINTER, ctypes.POINTER(_POINTER), _INT, _POINTER]),
    "EVP_PKEY_free": (None, [_POINTER]),
    "EVP_PKEY_CTX_new": (_POINTER, [_POINTER, _POINTER]),
    "EVP_PKEY_CTX_free": (None, [_POINTER]),
    "EVP_PKEY_CTX_set1_id": (_INT, [_POINTER, _BYTES, _SIZE]),
    "EVP_MD_fetch": (_POINTER, [_POINTER, _BYTES, _BYTES]),
    "EVP_MD_CTX_new": (_POINTER, []),
    "EVP_MD_CTX_free": (None, [_POINTER]),
    "EVP_MD_CTX_set_pkey_ctx": (None, [_POINTER, _POINTER]),
    "EVP_DigestSignInit": (_INT, [_POINTER, _POINTER, _POINTER, _POINTER, _POINTER]),
    "EVP_DigestSign": (_INT, [_POINTER, _BYTES, ctypes.POINTER(_SIZE), _BYTES, _SIZE]),
    "EVP_DigestVerifyInit": (_INT, [_POINTER, _POINTER, _POINTER, _POINTER, _POINTER]),
    "EVP_DigestVerify": (_INT, [_POINTER, _BYTES, _SIZE, _BYTES, _SIZE]),
}
_NID_SM2 = 1172  # obj_mac.h; stable since OpenSSL 1.1.1
_UNCOMPRESSED = 4


@cache
def _library() -> Any:
    """Load libcrypto 3 and name its functions' types.

    Raises:
        CryptographyUnavailable: there is none, or it was built without SM2 or SM3.
    """
    try:
        library = ctypes.CDLL("libcrypto.so.3")
        for name, (result, arguments) in _FUNCTIONS.items():
            function = getattr(library, name)
            function.restype, function.argtypes = result, arguments
    except (OSError, AttributeError) as e:
        raise CryptographyUnavailable("the system has no OpenSSL 3 libcrypto, which SM2 needs") from e
    return library


@cache
def _sm3() -> Any:
    found = _library().EVP_MD_fetch(None, b"SM3", None)
    if not found:
        raise CryptographyUnavailable("the system's libcrypto was built without SM3")
    return found


def available() -> bool:
    """Tell whether this machine can sign and verify SM2."""
    try:
        return bool(_library().EC_GROUP_new_by_curve_name(_NID_SM2)) and bool(_sm3())
    except CryptographyUnavailable:
        return False


@contextmanager
def _freed(pointer: Any, free: Callable[[Any], None]) -> Iterator[Any]:
    if not pointer:
        raise CryptographyUnavailable("the system's libcrypto refused an SM2 operation")
    try:
        yield pointer
    finally:
        free(pointer)


def _must(done: int) -> None:
    if done != 1:
        raise CryptographyUnavailable("the system's libcrypto refused an SM2 operation")


class _Key:
    """An EVP_PKEY, freed with its owner."""

    def __init__(self, public: bytes, private: int | None = None) -> None:
        lib = _library()
        with (
            _freed(lib.OSSL_PARAM_BLD_new(), lib.OSSL_PARAM_BLD_free) as build,
            _freed(lib.BN_bin2bn((private or 1).to_bytes(32, "big"), 32, None), lib.BN_free) as number,
        ):
            _must(lib.OSSL_PARAM_BLD_push_utf8_string(build, b"group", b"SM2", 3))
            _must(lib.OSSL_PARAM_BLD_push_octet_string(build, b"pub", public, len(public)))
            if private is not None:
                _must(lib.OSSL_PARAM_BLD_push_BN(build, b"priv", number))
            with (
                _freed(lib.OSSL_PARAM_BLD_to_param(build), lib.OSSL_PARAM_free) as params,
                _freed(lib.EVP_PKEY_CTX_new_from_name(None, b"SM2", None), lib.EVP_PKEY_CTX_free) as context,
            ):
                _must(lib.EVP_PKEY_fromdata_init(context))
                made = _POINTER()
                kind = _EVP_PKEY_PUBLIC_KEY if private is None else _EVP_PKEY_KEYPAIR
                if lib.EVP_PKEY_fromdata(context, ctypes.byref(made), kind, params) != 1:
                    raise ValueError("this is not an SM2 key")
        self.pointer = made

    def __del__(self) -> None:
        if hasattr(self, "pointer"):
            _library().EVP_PKEY_free(self.pointer)

    @contextmanager
    def digest(self) -> Iterator[Any]:
        """An EVP_MD_CTX bound to this key and the default signer's id."""
        lib = _library()
        with (
            _freed(lib.EVP_MD_CTX_new(), lib.EVP_MD_CTX_free) as digest,
            _freed(lib.EVP_PKEY_CTX_new(self.pointer, None), lib.EVP_PKEY_CTX_free) as context,
        ):
            _must(lib.EVP_PKEY_CTX_set1_id(context, DEFAULT_ID, len(DEFAULT_ID)))
            lib.EVP_MD_CTX_set_pkey_ctx(digest, context)
            yield digest


class PublicKey:
    """An SM2 public key: the uncompressed point, 65 bytes."""

    def __init__(self, public: bytes) -> None:
        self.public = public

    @cached_property
    def _key(self) -> _Key:
        return _Key(self.public)

    def verify(self, signature: bytes, message: bytes) -> None:
        """Check a DER signature. Raises InvalidSignature; ValueError when the key is not a point."""
        lib = _library()
        with self._key.digest() as digest:
            _must(lib.EVP_DigestVerifyInit(digest, None, _sm3(), None, self._key.pointer))
            if lib.EVP_DigestVerify(digest, signature, len(signature), message, len(message)) != 1:
                raise InvalidSignature


class PrivateKey:
    """An SM2 private key."""

    def __init__(self, number: int) -> None:
        self._number = number

    @classmethod
    def from_seed(cls, seed: bytes) -> PrivateKey:
        """Derive a key from a 32-byte seed: 64 bytes of SHAKE256 reduced mod (order - 2), plus 1."""
        wide = hashlib.shake_256(b"sealtrace sm2 1" + seed).digest(64)
        return cls(int.from_bytes(wide, "big") % (ORDER - 2) + 1)

    @cached_property
    def public(self) -> bytes:
        """The uncompressed public point."""
        lib, out = _library(), ctypes.create_string_buffer(65)
        with (
            _freed(lib.EC_GROUP_new_by_curve_name(_NID_SM2), lib.EC_GROUP_free) as group,
            _freed(lib.BN_bin2bn(self._number.to_bytes(32, "big"), 32, None), lib.BN_free) as number,
            _freed(lib.EC_POINT_new(group), lib.EC_POINT_free) as point,
        ):
            _must(lib.EC_POINT_mul(group, point, number, None, None, None))
            if lib.EC_POINT_point2oct(group, point, _UNCOMPRESSED, out, 65, None) != 65:
                raise CryptographyUnavailable("the system's libcrypto refused an SM2 operation")
        return out.raw

    @cached_property
    def _key(self) -> _Key:
        return _Key(self.public, self._number)

    def sign(self, message: bytes) -> bytes:
        """Sign a message; DER."""
        lib, out, size = _library(), ctypes.create_string_buffer(_MAX_SIGNATURE), _SIZE(_MAX_SIGNATURE)
        with self._key.digest() as digest:
            _must(lib.EVP_DigestSignInit(digest, None, _sm3(), None, self._key.pointer))
            _must(lib.EVP_DigestSign(digest, out, ctypes.byref(size), message, len(message)))
        return out.raw[: size.value]
