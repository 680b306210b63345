"""podinfo's tokens, made and read by hand."""
import base64
import hmac
import json
import os
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from podinfo_case import PodinfoTest


class Tokens(PodinfoTest):
    secret = "a secret of this test"
    env = {"PODINFO_JWT_SECRET": secret}

    def sign(self, header, payload, digest="sha256"):
        text = b".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, payload))
        mac = hmac.new(self.secret.encode(), text, digest).digest()
        return (text + b"." + base64.urlsafe_b64encode(mac).rstrip(b"=")).decode()

    def validate(self, authorization):
        answer = self.ask("GET", "/token/validate", headers={"Authorization": authorization} if authorization is not None else {})
        self.assertEqual(answer.status, 200)
        return json.loads(answer.text)

    def test_a_token_is_what_every_library_reads(self):
        answer = self.ask("POST", "/token", body="<anna>")
        given = json.loads(answer.text)
        self.assertEqual(list(given), ["token", "expires_at"])
        header, payload, signature = (base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in given["token"].split("."))
        self.assertEqual(header, b'{"alg":"HS256","typ":"JWT"}')
        claims = json.loads(payload)
        self.assertEqual(payload.decode(), '{"name":"\\u003canna\\u003e","iss":"podinfo","exp":%d}' % claims["exp"])
        self.assertEqual(given["expires_at"], time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(claims["exp"])))
        signed = given["token"].rpartition(".")[0].encode()
        self.assertEqual(signature, hmac.new(self.secret.encode(), signed, "sha256").digest())
        self.assertEqual(self.validate(f"bEaReR {given['token']}"), {"token_name": "<anna>", "expires_at": given["expires_at"]})

    def test_nobody_is_anonymous(self):
        token = json.loads(self.ask("POST", "/token").text)["token"]
        self.assertEqual(self.validate(f"Bearer {token}")["token_name"], "anonymous")

    def test_other_tokens_are_taken_or_refused_by_podinfos_rules(self):
        soon, past = time.time() + 600, time.time() - 600
        good = {"name": "n", "iss": "podinfo", "exp": soon}
        hs256 = {"alg": "HS256"}
        for digest in ("sha256", "sha384", "sha512"):
            self.assertEqual(self.validate("Bearer " + self.sign({"alg": "HS" + digest[3:]}, good, digest))["token_name"], "n")
        for authorization, message in (
            (None, "authorization bearer header required"),
            ("Bearer", "authorization bearer header required"),
            ("Bearer  x", "authorization bearer header required"),
            ("Bearer a b", "authorization bearer header required"),
            ("Basic x", "authorization bearer header required"),
            ("Bearer a.b", "token contains an invalid number of segments"),
            ("Bearer a*.b.c", "illegal base64 data at input byte 1"),
            ("Bearer YWJj.e30.x", "invalid character 'a' looking for beginning of value"),
            ("Bearer ig.e30.x", r"invalid character '\u008a' looking for beginning of value"),
            ("Bearer .e30.x", "unexpected end of JSON input"),
            ("Bearer e30geA.e30.x", "invalid character 'x' after top-level value"),
            ("Bearer e30..x", "EOF"),
            ("Bearer e30.ew.x", "unexpected EOF"),
            ("Bearer " + self.sign([], good), "json: cannot unmarshal array into Go value of type map[string]interface {}"),
            ("Bearer " + self.sign(None, good), "signing method (alg) is unspecified."),
            ("Bearer " + self.sign({}, good), "signing method (alg) is unspecified."),
            ("Bearer " + self.sign({"alg": "X"}, good), "signing method (alg) is unavailable."),
            ("Bearer " + self.sign({"alg": "none"}, good), "invalid signing method"),
            ("Bearer " + self.sign({"alg": "RS256"}, good), "invalid signing method"),
            ("Bearer " + self.sign({"alg": "HS512"}, good), "signature is invalid"),
            ("Bearer " + self.sign(hs256, {**good, "iat": soon}), "token used before issued"),
            ("Bearer " + self.sign(hs256, {**good, "nbf": soon}), "token is not valid yet"),
            ("Bearer " + self.sign(hs256, {**good, "iss": "x"}), "invalid issuer"),
            ("Bearer " + self.sign(hs256, {"exp": soon}), "invalid issuer"),
        ):
            with self.subTest(message=message):
                self.assertEqual(self.validate(authorization), {"code": 401, "message": message})
        expired = self.validate("Bearer " + self.sign(hs256, {**good, "exp": past}))
        self.assertRegex(expired["message"], r"^token is expired by 10m\d+(\.\d+)?s$")
        self.assertEqual(self.validate("Bearer " + self.sign(hs256, {"iss": "podinfo"}))["code"], 401)


if __name__ == "__main__":
    unittest.main()
