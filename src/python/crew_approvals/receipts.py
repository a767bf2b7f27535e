"""Checks the signed receipts of answers (docs/receipts.md). Requires the extra `receipt` (the package `cryptography`)."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any

HEADER = {"alg": "EdDSA", "typ": "approval-receipt+jwt"}
#: Accepted difference of clocks, in seconds.
CLOCK_DIFFERENCE = 60
LONGEST = 64_000
#: The three parts of a compact JWS.
PARTS = re.compile(r"[ \t\r\n]*([\w-]+)\.([\w-]+)\.([\w-]+)[ \t\r\n]*", re.ASCII)
#: One public key, without other blocks.
PUBLIC_PEM = re.compile(
    r"\s*-----BEGIN PUBLIC KEY-----[\w+/=\s]+-----END PUBLIC KEY-----\s*",
    re.ASCII,
)
#: Last second of the year 9999.
LATEST = 253_402_300_799
#: Most levels of JSON: the bot accepts fewer.
MAX_DEPTH = 200
MISSING = "receipts require the package cryptography: install crew_approvals with its extra `receipt`"


class ReceiptRejected(Exception):
    """A receipt does not count."""


class _Number(str):
    """A number as written."""


def check_extra() -> None:
    """Raises RuntimeError if the package `cryptography` is missing."""
    try:
        import cryptography.hazmat.primitives.asymmetric.ed25519  # noqa: F401
    except ImportError as error:
        raise RuntimeError(MISSING) from error


def verify_receipt(
    receipt: str | None,
    *,
    keys: Mapping[str, Any] | str,
    issuer: str,
    crew: str,
    question: str | None = None,
    arguments: str | None = None,
    answer: str | None = None,
    now: float | None = None,
) -> dict[str, Any]:
    """Checks a receipt and returns its claims.

    keys: the bot's public keys: the parsed JSON of its `/.well-known/jwks.json`, pinned, or one public key as PEM.
    question, arguments, answer: the digests that are expected (`digest_json`), one of the first two at least. now: in
    seconds since 1970.

    Cannot know if the receipt was used before: store its `jti` in the transaction that carries the action out. Raises
    ReceiptRejected, and RuntimeError without the extra.
    """
    check_extra()
    from cryptography.exceptions import InvalidSignature

    if not (keys and issuer and isinstance(issuer, str) and crew and isinstance(crew, str)):
        raise ReceiptRejected("The keys, the issuer and the crew must be given.")
    if question is None and arguments is None:
        raise ReceiptRejected("The digest of the question or of the arguments must be given.")
    if now is not None and not (isinstance(now, (int, float)) and math.isfinite(now)):
        raise ReceiptRejected("The time of the check must be a number of seconds.")
    if not isinstance(receipt, str):
        raise ReceiptRejected("There is no receipt: a rule gave the answer, or the bot had no RECEIPT_KEY.")
    found = PARTS.fullmatch(receipt) if len(receipt) <= LONGEST else None
    if found is None:
        raise ReceiptRejected("It is not a compact JWS.")
    parts = found.groups()
    header = _decode(parts[0])
    if any(header.get(name) != value for name, value in HEADER.items()) or "crit" in header:
        raise ReceiptRejected("It is not a receipt: alg must be EdDSA and typ approval-receipt+jwt.")
    try:
        _find_key(keys, header.get("kid")).verify(_decode_bytes(parts[2]), f"{parts[0]}.{parts[1]}".encode())
    except InvalidSignature:
        raise ReceiptRejected("Its signature is not of this key.") from None
    claims = _decode(parts[1])
    for name, expected in (
        *(("iss", issuer), ("crew", crew)),
        *(("question", question), ("arguments", arguments), ("answer", answer)),
    ):
        if expected is not None and claims.get(name) != expected:
            raise ReceiptRejected(f"The receipt has another {name} than expected: {claims.get(name)}, not {expected}.")
    seconds = time.time() if now is None else now
    decided, end = claims.get("iat"), claims.get("exp")
    if not (_is_time(decided) and _is_time(end)):
        raise ReceiptRejected("It has no valid times.")
    if decided - CLOCK_DIFFERENCE > seconds:
        raise ReceiptRejected("It is from the future: check the clocks.")
    if end + CLOCK_DIFFERENCE < seconds:
        raise ReceiptRejected(f"It was approved at {_write(decided)} and expired at {_write(end)}: ask again.")
    return claims


def digest_json(text: str) -> str:
    """Digests JSON text: key order, blanks and the form of numbers do not matter. Raises ValueError."""
    return hashlib.sha256(canonicalize(text).encode()).hexdigest()


def canonicalize(text: str) -> str:
    """Writes JSON so that equal values give equal texts, as the bot does (docs/receipts.md). Raises ValueError."""
    try:
        value = json.loads(
            text, parse_int=_Number, parse_float=_Number, parse_constant=_refuse, object_pairs_hook=_read_members
        )
        return _write_value(value)
    except RecursionError:
        raise ValueError(f"it has more than {MAX_DEPTH} levels") from None


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _read_members(members: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(members)
    if len(value) < len(members):
        raise ValueError("a key stands twice")
    return value


def _write_value(value: Any, depth: int = 0) -> str:
    if isinstance(value, (list, dict)) and depth >= MAX_DEPTH:
        raise ValueError(f"it has more than {MAX_DEPTH} levels")
    if isinstance(value, _Number):
        return _write_number(value)
    if isinstance(value, str):
        # JSON.stringify escapes surrogates that are not a pair.
        return re.sub("[\ud800-\udfff]", lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))
    if isinstance(value, list):
        return f"[{','.join(_write_value(item, depth + 1) for item in value)}]"
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        return f"{{{','.join(f'{_write_value(name)}:{_write_value(value[name], depth + 1)}' for name in names)}}}"
    return json.dumps(value)


def _write_number(literal: str) -> str:
    """Writes a number as sign, significant digits and exponent."""
    match = re.fullmatch(r"(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?", literal)
    if match is None:
        return literal
    sign, whole, fraction, exponent = match.groups("")
    # The bot rejects such numbers.
    if len(exponent.lstrip("+-")) > 5:
        raise ValueError("a number has more than 5 digits in its exponent")
    digits = (whole + fraction).lstrip("0")
    significant = digits.rstrip("0")
    if not significant:
        return "0"
    power = int(exponent or 0) + len(digits) - len(significant) - len(fraction)
    return f"{sign}{significant}e{power}"


def _find_key(keys: Mapping[str, Any] | str, kid: Any) -> Any:
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    if isinstance(keys, str):
        return _require_key(lambda: load_pem_public_key(keys.strip().encode()) if PUBLIC_PEM.fullmatch(keys) else None)
    entries = keys.get("keys") if isinstance(keys, Mapping) else None
    listed = [entry for entry in entries if isinstance(entry, Mapping)] if isinstance(entries, (list, tuple)) else []
    found = next((entry for entry in listed if isinstance(kid, str) and entry.get("kid") == kid), None)
    if found is None:
        raise ReceiptRejected("Its key is not among the keys of the bot.")
    return _require_key(lambda: _read_jwk(found))


def _read_jwk(listed: Mapping[str, Any]) -> Any:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    if listed.get("kty") != "OKP" or listed.get("crv") != "Ed25519" or "d" in listed:
        return None
    if not re.fullmatch(r"[\w-]{43}", str(listed.get("x")), re.ASCII):
        return None
    return Ed25519PublicKey.from_public_bytes(_decode_bytes(listed["x"]))


def _require_key(read: Callable[[], Any]) -> Any:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        key = read()
    except Exception:
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise ReceiptRejected("The key given is not an Ed25519 public key.")
    return key


def _decode_bytes(part: str) -> bytes:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise ReceiptRejected("It is not a compact JWS.") from None


def _decode(part: str) -> dict[str, Any]:
    try:
        value = json.loads(_decode_bytes(part).decode(), parse_constant=_refuse)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise ReceiptRejected("It is not a compact JWS.")
    return value


def _is_time(value: Any) -> bool:
    return type(value) is int and 0 <= value <= LATEST


def _write(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat().replace("+00:00", "Z")
