"""verify_pdf and demo_pki, and the authority seen by other people's tools."""

import json
import shutil
import subprocess
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms as asn1_cms
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from core import files
from signing import demo_images, demo_pki, gateways, pades
from signing.models import TrustAnchor
from tests.signing import craft

pytestmark = pytest.mark.django_db


def checked(*arguments: Any) -> Any:
    out = StringIO()
    call_command("verify_pdf", *map(str, arguments), "--json", stdout=out)
    return json.loads(out.getvalue())


@pytest.fixture
def on_disk(issued, tmp_path: Path) -> Path:
    path = tmp_path / "giấy khai sinh.pdf"
    path.write_bytes(files.read(issued[1]))
    return path


def test_json_per_file(on_disk, tmp_path):
    broken = tmp_path / "sua.pdf"
    broken.write_bytes(on_disk.read_bytes() + b"x")
    first, second, third = checked(on_disk, broken, tmp_path / "khong-co.pdf")
    assert (first["file"], first["verdict"]) == (str(on_disk), "valid")
    assert first["signatures"][0]["signer"] == "Nguyễn Văn Ký"
    assert second["verdict"] == "invalid"
    assert second["reasons"]
    assert third["verdict"] == "none"


def test_text_names_signers_and_reasons(on_disk):
    out = StringIO()
    call_command("verify_pdf", str(on_disk), stdout=out)
    assert "chữ ký hợp lệ" in out.getvalue()
    assert "Nguyễn Văn Ký, Ủy ban nhân dân phường Thử Nghiệm" in out.getvalue()


def test_a_stranger_s_file_and_root(tmp_path, issued):
    signer, root = craft.stranger()
    file, pem = tmp_path / "la.pdf", tmp_path / "goc.pem"
    file.write_bytes(craft.signed(files.read(issued[0]), signer, field="La", stamped=False))
    pem.write_bytes(root.public_bytes(serialization.Encoding.PEM))
    assert checked(file)[0]["verdict"] == "unknown"
    both = tmp_path / "ca-hai.pem"
    both.write_text(pem.read_text() + demo_pki.authority("root").pem)
    assert checked(file, "--trust", both)[0]["verdict"] == "valid"
    assert (
        checked(file, "--trust", pem, "--trust", Path(demo_pki._place("root.pem")))[0]["verdict"] == "valid"
    )


def test_a_root_that_is_none(tmp_path, on_disk):
    senseless = tmp_path / "x.pem"
    senseless.write_text("khong phai PEM")
    with pytest.raises(CommandError):
        checked(on_disk, "--trust", senseless)


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")
def test_openssl_accepts_the_cades_signature(on_disk, tmp_path):
    data = on_disk.read_bytes()
    start = data.index(b"/ByteRange [") + len(b"/ByteRange [")
    _zero, first, second, length = (int(one) for one in data[start : data.index(b"]", start)].split())
    message = asn1_cms.ContentInfo.load(bytes.fromhex(data[first + 1 : second - 1].decode()))
    (tmp_path / "cms.der").write_bytes(message.dump())
    (tmp_path / "content").write_bytes(data[:first] + data[second : second + length])
    (tmp_path / "root.pem").write_text(demo_pki.authority("root").pem)
    done = subprocess.run(
        ["openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", "cms.der", "-content", "content",
         "-CAfile", "root.pem", "-purpose", "any", "-out", "out"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")
def test_openssl_accepts_the_timestamp(tmp_path):
    (tmp_path / "data").write_bytes(b"mot van ban")
    subprocess.run(
        ["openssl", "ts", "-query", "-data", "data", "-sha256", "-cert", "-out", "q"],
        cwd=tmp_path,
        check=True,
    )
    (tmp_path / "r").write_bytes(demo_pki.answer_timestamp((tmp_path / "q").read_bytes()))
    (tmp_path / "root.pem").write_text(demo_pki.authority("root").pem)
    (tmp_path / "mid.pem").write_text(demo_pki.authority("issuing").pem)
    done = subprocess.run(
        ["openssl", "ts", "-verify", "-queryfile", "q", "-in", "r", "-CAfile", "root.pem", "-untrusted", "mid.pem"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Verification: OK" in done.stdout, done.stderr


@pytest.mark.skipif(not shutil.which("pdfsig"), reason="poppler-utils is not installed")
def test_poppler_finds_both_signatures_intact(on_disk):
    shown = subprocess.run(["pdfsig", str(on_disk)], capture_output=True, text=True, check=False).stdout
    assert shown.count("Signature is Valid") == 2


def test_the_authority_does_not_work_in_production(settings):
    settings.DEBUG = False
    for act in (demo_pki.prepare, lambda: demo_pki.issue_certificate(None, name="x")):
        with pytest.raises(ImproperlyConfigured):
            act()


def test_preparing_twice_keeps_the_root():
    before = demo_pki.authority("root").pem
    call_command("demo_pki", "--prepare", stdout=StringIO())
    call_command("demo_pki", "--prepare", stdout=StringIO())
    assert demo_pki.authority("root").pem == before
    assert TrustAnchor.objects.get().is_demo


def test_every_subject_says_demo():
    leaf = craft.demo_signer("Phạm Thị Ánh Nguyệt").certificate
    chain = [demo_pki.authority(name).certificate for name in ("root", "issuing", "tsa")]
    for one in [leaf, *chain]:
        assert "DEMO – không có giá trị pháp lý" in one.subject.rfc4514_string()
    assert leaf.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value == "Phạm Thị Ánh Nguyệt"


def test_the_server_answers_and_refuses(pki):
    import requests

    base = f"http://127.0.0.1:{pki.port}"
    assert requests.get(f"{base}/healthz", timeout=5).text == "ok"
    assert requests.get(f"{base}/ca/root.pem", timeout=5).text == demo_pki.authority("root").pem
    crl = x509.load_der_x509_crl(requests.get(f"{base}/crl/issuing.crl", timeout=5).content)
    assert crl.issuer == demo_pki.authority("issuing").certificate.subject
    assert requests.post(f"{base}/tsa", data=b"rac", timeout=5).status_code == 400
    assert requests.post(f"{base}/ocsp/issuing", data=b"rac", timeout=5).status_code == 400
    assert requests.get(f"{base}/../../etc/passwd", timeout=5).status_code == 404


def test_an_authority_that_answers_nonsense_is_away(settings, pki):
    settings.TSA_URL = f"http://127.0.0.1:{pki.port}/healthz"
    with pytest.raises(gateways.AuthorityAway, match="không đọc được"):
        gateways.timestamp(bytes(32))
    settings.TSA_URL = "file:///etc/passwd"
    with pytest.raises(gateways.AuthorityAway):
        gateways.timestamp(bytes(32))


def test_the_same_name_gives_the_same_picture():
    assert demo_images.hand_signature("Nguyễn Văn A") == demo_images.hand_signature("Nguyễn Văn A")
    assert demo_images.hand_signature("Nguyễn Văn A") != demo_images.hand_signature("Nguyễn Văn B")
    assert demo_images.seal("Sở Tư pháp") == demo_images.seal("Sở Tư pháp")


def test_a_signature_adds_little(issued):
    personal, sealed = issued
    assert sealed.size - personal.size < 60_000
    assert pades.signed_fields(files.read(sealed)) == ["ChuKyCaNhan", "DauCoQuan"]
