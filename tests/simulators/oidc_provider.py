"""An identity provider in the manner of VNeID, as a process: OpenID Connect, authorization code with PKCE.

It speaks the real protocol over loopback and can fail on order: the page on which one consents offers every way in
which an answer may be wrong. `make demo` runs it, the tests run it. All people are invented.

    python -m tests.simulators.oidc_provider --port 9300 --redirect http://127.0.0.1:8000/ [--people people.json]
"""

import argparse
import base64
import hashlib
import html
import json
import secrets
import sys
import threading
import time
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT_ID: Final = "cong-hai-phong"
CLIENT_SECRET: Final = "chi-dung-cho-ban-thu"
CODE_SECONDS: Final = 60
TOKEN_SECONDS: Final = 300
SLOW_SECONDS: Final = 8.0
# What the consent page can be told to do wrong.
FAULTS: Final = {
    "": "trả lời đúng",
    "wrong_nonce": "sai nonce",
    "expired": "thẻ đã hết hạn",
    "wrong_audience": "thẻ cho nơi khác",
    "wrong_issuer": "thẻ của nơi cấp khác",
    "bad_signature": "chữ ký sai",
    "no_algorithm": "thẻ không ký (alg none)",
    "unknown_key": "ký bằng khóa lạ",
    "other_person": "userinfo của người khác",
    "no_number": "không gửi số định danh",
    "no_token": "không gửi id_token",
    "nonsense": "trả lời không có nghĩa",
    "slow": "trả lời chậm",
    "error_500": "lỗi 500",
    "server_error": "báo lỗi khi chuyển về",
}


@dataclass
class Citizen:
    sub: str
    name: str
    national_id: str
    birthdate: str
    address: str
    phone_number: str
    acr: str = "2"
    note: str = ""


PEOPLE: Final = [
    Citizen("vn-0001", "Đỗ Thị Thanh Xuân", "031193990001", "1993-04-12", "Số 5 đường Lạch Tray, phường Ngô Quyền, Hải Phòng", "0912000101", note="chưa có tài khoản"),
    Citizen("vn-0002", "Bùi Quang Hiển", "031088990002", "1988-11-03", "Thôn 4, xã Vĩnh Bảo, Hải Phòng", "0912000102", note="chưa có tài khoản"),
    Citizen("vn-0003", "Ngô Đức Lương", "030075990003", "1975-01-25", "Tổ dân phố 2, phường Ngô Quyền, Hải Phòng", "0912000103", acr="1", note="định danh mức 1: số chưa được chứng minh"),
]  # fmt: skip


@dataclass
class Grant:
    """What a code stands for, once and for a minute."""

    citizen: Citizen
    redirect_uri: str
    challenge: str
    nonce: str
    scope: str
    fault: str
    at: float = field(default_factory=time.time)


class Provider:
    """Keys, people, codes and tokens of one running provider."""

    def __init__(self, *, people: list[Citizen], redirects: list[str]) -> None:
        self.people = {person.sub: person for person in people}
        self.redirects = redirects
        self.issuer = ""
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.strange_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        numbers = self.key.public_key().public_numbers()
        self.kid = hashlib.sha256(str(numbers.n).encode()).hexdigest()[:12]  # a new key has a new name
        self.codes: dict[str, Grant] = {}
        self.tokens: dict[str, Grant] = {}
        self.lock = threading.Lock()

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/jwks",
            "end_session_endpoint": f"{self.issuer}/logout",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "scopes_supported": ["openid", "profile", "phone", "address"],
            "acr_values_supported": ["1", "2"],
            "claims_supported": ["sub", "name", "national_id", "birthdate", "address", "phone_number", "acr"],
            "authorization_response_iss_parameter_supported": True,
        }

    def jwks(self) -> dict[str, Any]:
        own = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [own | {"kid": self.kid, "use": "sig", "alg": "RS256"}]}

    def id_token(self, grant: Grant) -> str:
        now, person = int(time.time()), grant.citizen
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "sub": person.sub,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + TOKEN_SECONDS,
            "auth_time": now,
            "nonce": grant.nonce,
            "acr": person.acr,
            "jti": secrets.token_hex(12),
        }
        if grant.fault == "wrong_nonce":
            claims["nonce"] = "khac"
        if grant.fault == "expired":
            claims |= {"iat": now - 7200, "exp": now - 3600}
        if grant.fault == "wrong_audience":
            claims["aud"] = "noi-khac"
        if grant.fault == "wrong_issuer":
            claims["iss"] = "https://noi-khac.example"
        if grant.fault == "no_algorithm":
            return jwt.encode(claims, "", algorithm="none", headers={"kid": self.kid})
        kid = "khoa-la" if grant.fault == "unknown_key" else self.kid
        key = self.strange_key if grant.fault in {"bad_signature", "unknown_key"} else self.key
        return jwt.encode(claims, key, algorithm="RS256", headers={"kid": kid})

    def user_info(self, grant: Grant) -> dict[str, Any]:
        person = grant.citizen
        found: dict[str, Any] = {"sub": person.sub}
        if "profile" in grant.scope:
            found |= {"name": person.name, "national_id": person.national_id, "birthdate": person.birthdate}
        if "address" in grant.scope:
            found["address"] = {"formatted": person.address}
        if "phone" in grant.scope:
            found["phone_number"] = person.phone_number
        if grant.fault == "no_number":
            found.pop("national_id", None)
        if grant.fault == "other_person":
            found["sub"] = "nguoi-khac"
        return found


class Handler(BaseHTTPRequestHandler):
    provider: Provider  # set by `make_server`
    server_version = "oidc-simulator"

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        pages = {
            "/.well-known/openid-configuration": lambda: self._json(self.provider.discovery()),
            "/jwks": lambda: self._json(self.provider.jwks()),
            "/authorize": lambda: self._ask(query),
            "/userinfo": self._user_info,
            "/logout": lambda: self._log_out(query),
            "/healthz": lambda: self._json({"ok": True}),
        }
        pages.get(parts.path, self._missing)()

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        form = {name: values[0] for name, values in parse_qs(self.rfile.read(length).decode()).items()}
        doors = {"/authorize": lambda: self._consent(form), "/token": lambda: self._token(form)}
        doors.get(urlsplit(self.path).path, self._missing)()

    # --- the person's side ------------------------------------------------------------------------------------

    def _ask(self, query: dict[str, str]) -> None:
        """Who is it, does he agree; and, for testers, what shall go wrong."""
        if trouble := self._trouble(query):
            return self._page(
                HTTPStatus.BAD_REQUEST, "Yêu cầu không hợp lệ", f"<p>{html.escape(trouble)}</p>"
            )
        hidden = "".join(
            f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
            for name, value in query.items()
        )
        people = "".join(
            f'<label class="box"><input type="radio" name="citizen" value="{html.escape(person.sub)}"'
            f"{' checked' if number == 0 else ''}> <span><b>{html.escape(person.name)}</b>"
            f"<br>{html.escape(person.national_id)} · mức {html.escape(person.acr)}"
            f"{' · ' + html.escape(person.note) if person.note else ''}</span></label>"
            for number, person in enumerate(self.provider.people.values())
        )
        faults = "".join(
            f'<option value="{key}">{html.escape(words)}</option>' for key, words in FAULTS.items()
        )
        self._page(
            HTTPStatus.OK,
            "Đăng nhập định danh điện tử (bản thử)",
            '<p class="warn">Hệ thống giả lập cho bản thử. Mọi người ở đây là hư cấu.</p>'
            f'<form method="post" action="/authorize">{hidden}'
            f"<fieldset><legend>Bạn là ai?</legend>{people}</fieldset>"
            f'<p><label for="fault">Người thử chọn cách trả lời</label><br><select id="fault" name="fault">{faults}</select></p>'
            "<p>Cổng Hải Phòng sẽ nhận: số định danh, họ tên, ngày sinh, nơi cư trú, số điện thoại.</p>"
            '<p><button name="decision" value="yes">Đồng ý</button> '
            '<button name="decision" value="no" class="quiet">Từ chối</button></p></form>',
        )

    def _consent(self, form: dict[str, str]) -> None:
        if trouble := self._trouble(form):
            return self._page(
                HTTPStatus.BAD_REQUEST, "Yêu cầu không hợp lệ", f"<p>{html.escape(trouble)}</p>"
            )
        citizen, fault = self.provider.people.get(form.get("citizen", "")), form.get("fault", "")
        answer = {"state": form.get("state", ""), "iss": self.provider.issuer}
        if form.get("decision") != "yes" or citizen is None:
            return self._redirect(form["redirect_uri"], answer | {"error": "access_denied"})
        if fault == "server_error":
            return self._redirect(form["redirect_uri"], answer | {"error": "server_error"})
        code = secrets.token_urlsafe(24)
        with self.provider.lock:
            self.provider.codes[code] = Grant(
                citizen,
                form["redirect_uri"],
                form["code_challenge"],
                form.get("nonce", ""),
                form.get("scope", ""),
                fault,
            )
        self._redirect(form["redirect_uri"], answer | {"code": code})

    def _trouble(self, asked: dict[str, str]) -> str:
        """Why this request is refused; a wrong address to come back to is never followed."""
        if asked.get("client_id") != CLIENT_ID:
            return "Không biết ứng dụng này."
        if not any(asked.get("redirect_uri", "").startswith(one) for one in self.provider.redirects):
            return "Địa chỉ quay về chưa đăng ký."
        if asked.get("response_type", "code") != "code" or "openid" not in asked.get("scope", "").split():
            return "Chỉ nhận response_type=code với scope openid."
        if asked.get("code_challenge_method") != "S256" or len(asked.get("code_challenge", "")) != 43:
            return "Thiếu PKCE (S256)."
        if not asked.get("state") or not asked.get("nonce"):
            return "Thiếu state hoặc nonce."
        return ""

    def _log_out(self, query: dict[str, str]) -> None:
        address = query.get("post_logout_redirect_uri", "")
        if any(address.startswith(one) for one in self.provider.redirects):
            return self._redirect(address, {"state": query["state"]} if "state" in query else {})
        self._page(HTTPStatus.OK, "Đã đăng xuất", "<p>Đã đăng xuất khỏi hệ thống định danh (bản thử).</p>")

    # --- the portal's side ------------------------------------------------------------------------------------

    def _token(self, form: dict[str, str]) -> None:
        if not self._knows_client(form):
            return self._json({"error": "invalid_client"}, HTTPStatus.UNAUTHORIZED)
        with self.provider.lock:
            grant = self.provider.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            form.get("grant_type") != "authorization_code"
            or grant is None
            or time.time() - grant.at > CODE_SECONDS
            or form.get("redirect_uri") != grant.redirect_uri
            or not secrets.compare_digest(challenge, grant.challenge)
        ):
            return self._json({"error": "invalid_grant"}, HTTPStatus.BAD_REQUEST)
        if grant.fault == "slow":
            time.sleep(SLOW_SECONDS)
        if grant.fault == "error_500":
            return self._json({"error": "server_error"}, HTTPStatus.INTERNAL_SERVER_ERROR)
        if grant.fault == "nonsense":
            return self._json({"access_token": "x", "id_token": ["khong", "phai", "chu"]})
        token = secrets.token_urlsafe(24)
        with self.provider.lock:
            self.provider.tokens[token] = grant
        answer = {"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS}
        if grant.fault != "no_token":
            answer["id_token"] = self.provider.id_token(grant)
        self._json(answer)

    def _knows_client(self, form: dict[str, str]) -> bool:
        """client_secret_basic or client_secret_post; both must be right, and only one of them used."""
        scheme, _space, rest = self.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "basic":
            name, _colon, secret = base64.b64decode(rest).decode().partition(":")
            return (unquote(name), unquote(secret)) == (
                CLIENT_ID,
                CLIENT_SECRET,
            ) and "client_secret" not in form
        return (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)

    def _user_info(self) -> None:
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        grant = self.provider.tokens.get(token)
        if grant is None:
            return self._json({"error": "invalid_token"}, HTTPStatus.UNAUTHORIZED)
        self._json(self.provider.user_info(grant))

    # --- answers ----------------------------------------------------------------------------------------------

    def _json(self, found: Any, status: HTTPStatus = HTTPStatus.OK) -> None:
        self._send(status, "application/json", json.dumps(found, ensure_ascii=False).encode())

    def _missing(self) -> None:
        self._json({"error": "not_found"}, HTTPStatus.NOT_FOUND)

    def _redirect(self, address: str, query: dict[str, str]) -> None:
        mark = "&" if "?" in address else "?"
        self.send_response(HTTPStatus.FOUND)
        self.send_header(
            "Location", f"{address}{mark}{urlencode(query, quote_via=quote)}" if query else address
        )
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _page(self, status: HTTPStatus, title: str, body: str) -> None:
        page = (
            f'<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>{title}</title>'
            '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,"><style>'
            "body{font:17px/1.6 system-ui,sans-serif;color:#1a2430;background:#faf7f2;margin:0}"
            "main{max-width:560px;margin:0 auto;padding:24px 20px}h1{font-size:1.6rem;line-height:1.25}"
            "fieldset{border:0;padding:0;margin:0 0 16px}legend{font-weight:600;padding:0}"
            ".box{display:flex;gap:12px;background:#fff;border:1px solid #857c6d;border-radius:8px;padding:12px 16px;margin:8px 0}"
            ".box input{width:24px;height:24px;flex:none}.warn{background:#fdf0dc;border-left:4px solid #8a4b00;padding:8px 12px}"
            "button{font:inherit;font-weight:600;min-height:48px;padding:0 24px;border-radius:8px;border:1px solid #1b4069;"
            "background:#1b4069;color:#fff}.quiet{background:#fff;color:#1b4069}select{font:inherit;min-height:48px;max-width:100%}"
            f"</style></head><body><main><h1>{title}</h1>{body}</main></body></html>"
        )
        self._send(status, "text/html; charset=utf-8", page.encode())

    def _send(self, status: HTTPStatus, media: str, data: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, template: str, *arguments: Any) -> None:
        """Quiet: an access log would hold codes."""


def make_server(
    port: int, *, people: list[Citizen] | None = None, redirects: list[str]
) -> ThreadingHTTPServer:
    provider = Provider(people=people or list(PEOPLE), redirects=redirects)
    handler = type("BoundHandler", (Handler,), {"provider": provider})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    return server


def read_people(path: Path) -> list[Citizen]:
    """People of a file first (a list of the same fields), then our own."""
    rows = json.loads(path.read_text(encoding="utf-8"))
    known = set(asdict(PEOPLE[0]))
    return [Citizen(**{name: value for name, value in row.items() if name in known}) for row in rows] + PEOPLE


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument(
        "--redirect", action="append", required=True, help="where addresses to come back to begin"
    )
    parser.add_argument("--people", type=Path)
    chosen = parser.parse_args()
    people = read_people(chosen.people) if chosen.people and chosen.people.exists() else None
    server = make_server(chosen.port, people=people, redirects=chosen.redirect)
    sys.stdout.write(f"http://127.0.0.1:{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
