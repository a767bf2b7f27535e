"""Receipts, with the packages cryptography and PyJWT. python.test.ts runs this file in the environment of crewai."""

import base64
import json
import os
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import jwt
from case import Case
from crew_approvals import ReceiptRejected, ToolNotRun, digest_json, verify_receipt
from crew_approvals.receipts import canonicalize
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from test_tools import ToolCase

#: Texts with their canonical form, as the bot writes it.
CASES = json.loads(os.environ["CANONICAL_CASES"])
KEY = Ed25519PrivateKey.generate()
OTHER = Ed25519PrivateKey.generate()
PEM = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
PRIVATE = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def encode(text):
    return base64.urlsafe_b64encode(text.encode() if isinstance(text, str) else text).decode().rstrip("=")


X = encode(KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
ISSUER = "https://bot.example.com"
TYPE = {"typ": "approval-receipt+jwt", "kid": "one"}


def build(key=KEY, headers=TYPE, **claims):
    now = int(time.time())
    body = {"iss": ISSUER, "crew": "press", "option": "allow", "iat": now, "exp": now + 3600, **claims}
    return jwt.encode(body, key, algorithm="EdDSA", headers=headers)


class VerifyTest(Case):
    def check(self, receipt, **expected):
        arguments = {"keys": PEM, "issuer": ISSUER, "crew": "press", "arguments": "a"}
        return verify_receipt(receipt, **{**arguments, **expected})

    def test_canonical_json_is_that_of_the_bot(self):
        self.assertGreater(len(CASES), 20)
        for text, canonical in CASES:
            self.assertEqual(canonicalize(text), canonical)
        for text in ('{"a": 1, "a": 2}', "NaN", "{", "1e100000", "[" * 300 + "]" * 300, "[" * 9000 + "]" * 9000):
            with self.assertRaises(ValueError):
                digest_json(text)

    def test_a_receipt_of_another_library_is_checked(self):
        self.assertEqual(self.check(build(arguments="a"))["option"], "allow")

    def test_a_listed_key_is_found(self):
        keys = {"keys": [{"kid": "two"}, {"kid": "one", "kty": "OKP", "crv": "Ed25519", "x": X}]}
        self.assertEqual(self.check(build(arguments="a") + "\n", keys=keys)["crew"], "press")

    def test_everything_else_is_rejected(self):
        now = int(time.time())
        for receipt, expected in (
            (build(arguments="a"), {"issuer": "https://other.example.com"}),
            (build(arguments="a"), {"crew": "budget"}),
            (build(arguments="b"), {}),
            (build(arguments="a"), {"arguments": None}),
            (build(arguments="a"), {"keys": {"keys": []}}),
            (build(OTHER, arguments="a"), {}),
            (build(arguments="a", headers={**TYPE, "typ": "JWT"}), {}),
            (build(arguments="a", headers={**TYPE, "crit": ["b64"]}), {}),
            (jwt.encode({"arguments": "a"}, "x" * 32, algorithm="HS256", headers=TYPE), {}),
            (build(arguments="a", iat=now + 300), {}),
            (build(arguments="a")[:-5], {}),
            (None, {}),
            (5, {}),
            ("a.b.c", {}),
            ("\ufeff" + build(arguments="a"), {}),
            (build(arguments="a")[:-9] + "!" + build(arguments="a")[-9:], {}),
            (f"{encode('[' * 20000)}.{encode('{}')}.AAAA", {}),
            (build(arguments="a", exp=10**30), {}),
            (build(arguments="a", exp=1.5), {}),
            (build(arguments="a"), {"now": float("nan")}),
            (build(arguments="a"), {"now": "1"}),
            (build(arguments="a"), {"keys": PEM + PRIVATE}),
            (build(arguments="a"), {"keys": PRIVATE}),
            (build(arguments="a"), {"keys": "hello"}),
            (build(arguments="a"), {"keys": {"keys": [None, "x"]}}),
            (build(arguments="a"), {"keys": {"keys": [{"kid": "one", "kty": "OKP", "crv": "Ed25519"}]}}),
            (build(arguments="a"), {"keys": {"keys": [{"kid": "one", "kty": "RSA", "crv": "Ed25519", "x": X}]}}),
        ):
            with self.assertRaises(ReceiptRejected):
                self.check(receipt, **expected)
        with self.assertRaisesRegex(ReceiptRejected, "It was approved at .* and expired at .*: ask again"):
            self.check(build(arguments="a", iat=now - 4000, exp=now - 400))


class GateTest(ToolCase):
    def call(self, receipt):
        gated = self.gate(require_receipt={"keys": PEM, "issuer": ISSUER})
        before = len(self.bot.questions)
        result = self.in_background(gated.run, 5)
        question = self.asked("tool-", before + 1)[-1]
        shown = self.bot.questions[question]["body"]["output"]
        self.bot.answer(question, "allow", receipt=receipt(digest_json(json.dumps(shown))))
        return result

    def test_a_call_runs_with_a_receipt_for_its_arguments_only(self):
        self.value_of(self.call(lambda digest: build(arguments=digest)))
        self.assertEqual(len(self.tool.ran), 1)
        for receipt in (
            lambda _: None,
            lambda _: build(arguments="other"),
            lambda digest: build(arguments=digest, option="block"),
            lambda digest: build(OTHER, arguments=digest),
        ):
            with self.assertRaises(ToolNotRun):
                self.value_of(self.call(receipt))
        self.assertEqual(len(self.tool.ran), 1)


if __name__ == "__main__":
    unittest.main()
