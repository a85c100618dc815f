#!/usr/bin/env python3
"""Kiểm tra ngoại tuyến một tệp chứng minh nhật ký của Cổng Hải Phòng (một tệp, chỉ cần Python 3.9 trở lên).

Cách dùng:
    python3 kiem-tra-nhat-ky.py chung-minh.json --keys khoa.json        # khóa đã tải từ trang công bố
    python3 kiem-tra-nhat-ky.py chung-minh.json --keys khoa.json --batch lo-42.json   # so với lô do nơi khác giữ
    python3 kiem-tra-nhat-ky.py chung-minh.json --keys khoa.json --ca goc-tsa.pem     # cả dấu thời gian (cần openssl)
    python3 kiem-tra-nhat-ky.py chung-minh.json                         # chỉ phần bên trong, chưa đối chiếu khóa

Mã thoát: 0 đúng; 1 sai; 2 không đọc được tệp; 3 phần bên trong khớp nhưng chưa đối chiếu khóa (thiếu --keys): ai cũng
tự ký được một tệp như vậy bằng khóa của mình, nên chưa thể nói là đúng.

What is checked: the leaf is SHA-256 over the event's facts; number, event and leaf lead along the Merkle path
(RFC 6962) to the root of the batch; the batch's header carries an Ed25519 signature of the log's key; texts, where the
file holds them, hash to what the facts say; the next timestamp is chained to this batch.
Ed25519 by the «cryptography» package when it is installed, else by the openssl command (1.1.1 or later).
"""

import argparse
import base64
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta, timezone

FORMAT = "haiphong-egov/audit-proof/1"
LOG = "haiphong-egov"
FACTS = [
    "event", "at", "kind", "actor", "delegated", "post_name", "unit_name", "unit", "subject_type", "subject_id",
    "subject_unit", "before", "after", "texts_hash",
]  # fmt: skip
TEXTS = ["note", "detail", "actor_name", "on_behalf_of", "ip"]
HEADER = ["log", "number", "first_seq", "last_seq", "root", "previous", "closed_at", "clock_back_ms", "key"]
RIGHT, WRONG, UNREADABLE, RESERVED = 0, 1, 2, 3  # exit codes
VIETNAM = timezone(timedelta(hours=7))


class Wrong(Exception):
    """The proof does not hold. The text is Vietnamese."""


class Unreadable(Exception):
    """A file cannot be read, or a tool is missing. The text is Vietnamese."""


def canonical(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def leaf_of(event):
    facts = event["facts"]
    if sorted(facts) != sorted(FACTS):
        raise Wrong("Tệp thiếu hoặc thừa dữ kiện của sự kiện.")
    leaf = sha256(b"haiphong.audit.event.1\n", canonical([facts[name] for name in FACTS]))
    if leaf.hex() != event["leaf"]:
        raise Wrong("Dữ kiện của sự kiện không khớp mã băm: đã bị sửa.")
    if "texts" in event:
        texts = [event["texts"][name] for name in TEXTS]
        if sha256(bytes.fromhex(event["salt"]), canonical(texts)).hex() != facts["texts_hash"]:
            raise Wrong("Nội dung kèm theo không khớp dữ kiện: đã bị sửa.")
    return leaf


def root_of(node, index, size, path):
    """RFC 6962, section 2.1.1."""
    if not 0 <= index < size:
        raise Wrong("Số thứ tự nằm ngoài lô.")
    path, last = list(path), size - 1
    while last:
        if index % 2 or index < last:
            if not path:
                raise Wrong("Đường dẫn Merkle thiếu nút.")
            other = path.pop(0)
            node = sha256(b"\x01", other, node) if index % 2 else sha256(b"\x01", node, other)
        index, last = index // 2, last // 2
    if path:
        raise Wrong("Đường dẫn Merkle thừa nút.")
    return node


def message_of(header):
    if sorted(header) != sorted(HEADER) or header["log"] != LOG:
        raise Wrong("Tiêu đề lô không đúng mẫu.")
    return b"haiphong.audit.batch.1\n" + canonical(header)


def is_signed(public, message, signature):
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        return is_signed_by_openssl(public, message, signature)
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def is_signed_by_openssl(public, message, signature):
    der = (
        bytes.fromhex("302a300506032b6570032100") + public
    )  # SubjectPublicKeyInfo of an Ed25519 key (RFC 8410)
    pem = b"-----BEGIN PUBLIC KEY-----\n" + base64.b64encode(der) + b"\n-----END PUBLIC KEY-----\n"
    with tempfile.TemporaryDirectory() as folder:
        places = {}
        for name, content in (("key", pem), ("message", message), ("signature", signature)):
            places[name] = os.path.join(folder, name)
            with open(places[name], "wb") as file:
                file.write(content)
        command = ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", places["key"], "-in", places["message"],
                   "-sigfile", places["signature"]]  # fmt: skip
        try:
            return subprocess.run(command, capture_output=True).returncode == 0
        except FileNotFoundError:
            raise Unreadable(
                "Cần gói Python «cryptography» hoặc lệnh openssl để kiểm chữ ký Ed25519."
            ) from None


def key_id(public):
    return hashlib.sha256(public).hexdigest()[:16]


def public_key(proof, keys):
    """The key that the header names: from the keys at hand, else from the file itself (then it must be compared)."""
    wanted = proof["batch"]["header"]["key"]
    if keys is not None:
        known = {one["id"]: one["public"] for one in keys["keys"]}
        if wanted not in known:
            raise Wrong(f"Khóa {wanted} không nằm trong danh sách khóa đã công bố.")
        public = base64.b64decode(known[wanted])
    else:
        if not proof.get("key"):
            raise Wrong("Tệp không kèm khóa công khai; hãy dùng --keys.")
        public = base64.b64decode(proof["key"]["public"])
    if key_id(public) != wanted:
        raise Wrong("Khóa công khai không đúng mã khóa.")
    return public


def check_stamp(proof, ca):
    """The chain of headers up to the timestamped one; the token itself needs openssl and the authority's root."""
    stamp = proof["stamp"]
    digest, number = sha256(message_of(proof["batch"]["header"])), proof["batch"]["header"]["number"]
    for header in stamp["chain"]:
        if header["number"] != number + 1 or header["previous"] != digest.hex():
            raise Wrong("Chuỗi lô dẫn tới dấu thời gian bị đứt.")
        digest, number = sha256(message_of(header)), header["number"]
    token = base64.b64decode(stamp["token"])
    if digest not in token:
        raise Wrong("Dấu thời gian không cấp cho lô này.")
    words = f"Dấu thời gian {stamp['at']} cho lô {number}"
    if not ca:
        return f"{words} (chưa kiểm chữ ký của tổ chức cấp; thêm --ca)."
    with tempfile.NamedTemporaryFile() as file:
        file.write(token)
        file.flush()
        command = [
            "openssl",
            "ts",
            "-verify",
            "-digest",
            digest.hex(),
            "-in",
            file.name,
            "-token_in",
            "-CAfile",
            ca,
        ]
        try:
            ended = subprocess.run(command, capture_output=True)
        except FileNotFoundError:
            raise Unreadable("Cần lệnh openssl để kiểm dấu thời gian.") from None
        if ended.returncode:
            raise Wrong("Dấu thời gian không hợp lệ theo tệp chứng thư gốc đã cho.")
    return f"{words}, đã kiểm chữ ký của tổ chức cấp."


def check(proof, keys=None, batch=None, ca=""):
    """All sentences that hold. Wrong: the first that does not."""
    if proof.get("format") != FORMAT:
        raise Wrong("Tệp không phải chứng minh nhật ký, hoặc thuộc bản khác.")
    event, entry, header = proof["event"], proof["entry"], proof["batch"]["header"]
    leaf, message = leaf_of(event), message_of(header)
    told = int(entry["seq"]).to_bytes(8, "big") + int(event["number"]).to_bytes(8, "big") + leaf
    index, size = entry["seq"] - header["first_seq"], header["last_seq"] - header["first_seq"] + 1
    path = [bytes.fromhex(one) for one in entry["path"]]
    if root_of(sha256(b"\x00", told), index, size, path).hex() != header["root"]:
        raise Wrong("Sự kiện không nằm trong lô này: đường dẫn không tới gốc đã ký.")
    public = public_key(proof, keys)
    if not is_signed(public, message, bytes.fromhex(proof["batch"]["signature"])):
        raise Wrong("Chữ ký của lô không đúng.")
    if batch is not None and batch["header"] != header:
        raise Wrong("Lô trong chứng minh khác lô do nơi khác giữ.")
    facts = event["facts"]
    at = datetime.fromtimestamp(facts["at"] / 1e6, VIETNAM)
    sentences = [
        f"Sự kiện {event['number']} «{facts['event']}», {at:%H:%M:%S %d/%m/%Y}, "
        f"đối tượng {facts['subject_type']} số {facts['subject_id']}.",
        f"Đứng số {entry['seq']} trong nhật ký, thuộc lô {header['number']} ({size} sự kiện).",
        f"Lô được ký bằng khóa {header['key']}.",
    ]
    if header["clock_back_ms"]:
        sentences.append(f"Khi chốt lô, đồng hồ máy chủ lùi {header['clock_back_ms']} mili giây.")
    if "texts" in event:
        sentences.append("Nội dung kèm theo đúng như khi ghi.")
    if batch is not None:
        sentences.append("Lô trùng với bản do nơi khác giữ.")
    if "stamp" in proof:
        sentences.append(check_stamp(proof, ca))
    if keys is None:
        sentences.append(f"Hãy so khóa {header['key']} với khóa công bố ở trang «Nhật ký minh bạch».")
    return sentences


def opened(path):
    """The file's text. Unreadable: says in words what is in the way."""
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        raise Unreadable(f"Không có tệp «{path}».") from None
    except IsADirectoryError:
        raise Unreadable(f"«{path}» là thư mục, không phải tệp.") from None
    except PermissionError:
        raise Unreadable(f"Không có quyền đọc tệp «{path}».") from None
    except UnicodeDecodeError:
        raise Unreadable(f"Tệp «{path}» không phải văn bản UTF-8.") from None
    except OSError:
        raise Unreadable(f"Không mở được tệp «{path}».") from None


def loaded(path):
    try:
        return json.loads(opened(path))
    except (ValueError, RecursionError):
        raise Unreadable(f"Tệp «{path}» không phải JSON; có thể tải về chưa trọn.") from None


def choices():
    parser = argparse.ArgumentParser(
        description="Kiểm tra một tệp chứng minh nhật ký của Cổng Hải Phòng.",
        epilog="Mã thoát: 0 đúng; 1 sai; 2 không đọc được tệp; 3 phần bên trong khớp nhưng chưa đối chiếu khóa "
        "(không có --keys).",
    )
    parser.add_argument("proof", metavar="CHUNG-MINH.json")
    parser.add_argument(
        "--keys",
        metavar="KHOA.json",
        help="khóa công khai đã tải từ trang công bố; thiếu nó thì chưa kết luận được là đúng",
    )
    parser.add_argument("--batch", metavar="LO.json", help="cùng lô ấy, lấy từ trang công bố hay từ nơi giữ")
    parser.add_argument("--ca", metavar="GOC.pem", help="chứng thư gốc của tổ chức cấp dấu thời gian")
    return parser.parse_args()


def main():
    chosen = choices()
    try:
        proof = loaded(chosen.proof)
        keys = loaded(chosen.keys) if chosen.keys else None
        batch = loaded(chosen.batch) if chosen.batch else None
        if chosen.ca:
            opened(chosen.ca)
        sentences = check(proof, keys, batch, chosen.ca or "")
    except Wrong as error:
        print(f"SAI: {error}")
        return WRONG
    except Unreadable as error:
        print(f"KHÔNG ĐỌC ĐƯỢC. {error}")
        return UNREADABLE
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError):
        print("KHÔNG ĐỌC ĐƯỢC. Tệp chứng minh, tệp khóa hoặc tệp lô không đúng mẫu; hãy tải lại từ cổng.")
        return UNREADABLE
    if keys is None:
        print("CHƯA KẾT LUẬN. Chỉ kiểm tra được phần bên trong; chưa đối chiếu khóa. Hãy thêm --keys.")
    else:
        print("ĐÚNG. Sự kiện này nằm trong nhật ký đã ký.")
    for sentence in sentences:
        print("  " + sentence)
    return RESERVED if keys is None else RIGHT


if __name__ == "__main__":
    sys.exit(main())
