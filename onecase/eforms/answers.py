"""Answers on their way in and out: typed, filled from the account, understood, shown."""

import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from onecase.eforms.schema import SOURCES, Field, Form
from onecase.eforms.words import read_date, read_number, show_date, show_number

TEXT_LIMIT = 500
LIMITS = {"full_name": 120, "residence": 300, "phone": 15, "email": 254}  # what the columns of a case hold
ROW_LIMIT = 30
PHONE = re.compile(r"0\d{9,10}")

# --- typed -----------------------------------------------------------------------------------------------


def typed(fields: Iterable[Field], post: Any) -> dict[str, Any]:
    """The answers in a posted form (a QueryDict), as typed. Files are not answers."""
    answers: dict[str, Any] = {}
    for item in fields:
        if item.kind == "file" or item.is_computed:
            continue
        if item.kind == "repeat":
            answers[item.name] = [
                {"_id": row_id, **_typed_row(item, row_id, post)}
                for row_id in post.getlist(f"{item.name}.row")[:ROW_LIMIT]
                if re.fullmatch(r"[0-9a-f]{8}", row_id)
            ]
        elif item.is_multiple:
            answers[item.name] = [_plain(value) for value in post.getlist(item.name)]
        else:
            answers[item.name] = _plain(post.get(item.name, ""))
    return answers


def _typed_row(item: Field, row_id: str, post: Any) -> dict[str, str]:
    return {
        part.name: _plain(post.get(f"{item.name}.{row_id}.{part.name}", ""))
        for part in item.fields
        if part.kind != "file"
    }


def limit_of(item: Field) -> int:
    """Letters that one answer may have."""
    return next((limit for ending, limit in LIMITS.items() if item.name.endswith(ending)), TEXT_LIMIT)


def _plain(text: str) -> str:
    """One line, no control characters, single spaces."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def new_row() -> dict[str, Any]:
    return {"_id": secrets.token_hex(4)}


def path(item: Field, row: Mapping[str, Any] | None = None, part: Field | None = None) -> str:
    """The name of an input: `copy_count`, or `members.1f0c2a9b.member_name` inside a group."""
    return f"{item.name}.{row['_id']}.{part.name}" if row is not None and part is not None else item.name


# --- prefilled -------------------------------------------------------------------------------------------

# What an account knows, by the kind of field that asks for it.
ACCOUNT = {
    "text": "full_name", "citizen_id": "citizen_id", "date": "birth_on", "address": "address",
    "phone": "phone", "email": "email",
}  # fmt: skip


def prefilled(
    fields: Iterable[Field], answers: Mapping[str, Any], account: Mapping[str, str]
) -> dict[str, Any]:
    """Answers with the gaps filled from the account, from other answers, or by default. Typed words are never touched."""
    filled = dict(answers)
    for item in fields:
        if item.name in filled:
            continue
        of_applicant = item.prefill == "population_db" and item.name.startswith("applicant_")
        if item.prefill == "account" or of_applicant:
            value: Any = account.get(ACCOUNT.get(item.kind, ""), "")
        else:
            value = filled.get(item.prefill) if item.prefill and item.prefill not in SOURCES else ""
        if value or item.default:
            filled[item.name] = value or item.default
    return filled


# --- understood and shown --------------------------------------------------------------------------------


def missing(item: Field) -> str:
    label = item.label[:1].lower() + item.label[1:]
    if item.kind == "file":
        return _("Tải lên %(label)s.") % {"label": label}
    if item.kind == "choice":
        return _("Chọn %(label)s.") % {"label": label}
    return _("Nhập %(label)s.") % {"label": label}


def strange(item: Field, value: Any) -> str:
    return _("«%(value)s» không có trong danh sách của «%(label)s». Chọn lại.") % {
        "value": value,
        "label": item.label,
    }


def understood(item: Field, raw: Any) -> tuple[Any, str]:
    """The value and no message, or what was typed and why it was not understood."""
    reader = _READERS.get(item.kind)
    if item.kind == "choice":
        return raw, "" if raw in item.choices else strange(item, raw)
    if reader is None or not isinstance(raw, str):
        return raw, ""
    limit = limit_of(item)
    if len(raw) > limit:
        return raw, _("%(label)s dài %(found)d ký tự; rút gọn còn nhiều nhất %(limit)d.") % {
            "label": item.label, "found": len(raw), "limit": limit,
        }  # fmt: skip
    return reader(item, raw)


def _read_text(item: Field, raw: str) -> tuple[Any, str]:
    return raw, ""


def _read_number(item: Field, raw: str) -> tuple[Any, str]:
    value = read_number(raw)
    if value is None:
        return raw, _("%(label)s là một con số; bạn đã nhập «%(value)s».") % {
            "label": item.label,
            "value": raw,
        }
    if item.is_whole and value != int(value):
        return raw, _("%(label)s là số nguyên; bạn đã nhập «%(value)s».") % {
            "label": item.label,
            "value": raw,
        }
    return value, ""


def _read_day(item: Field, raw: str) -> tuple[Any, str]:
    day = read_date(raw)
    if day is None:
        return raw, _("Ghi %(label)s theo dạng ngày/tháng/năm, ví dụ 05/09/2026; bạn đã nhập «%(value)s».") % {
            "label": item.label[:1].lower() + item.label[1:], "value": raw,
        }  # fmt: skip
    return show_date(day), ""


def _read_partial(item: Field, raw: str) -> tuple[Any, str]:
    if match := re.fullmatch(r"(\d{4})", raw):
        return (raw, "") if 1800 <= int(match[1]) <= 2200 else (raw, _bad_partial(item, raw))
    if match := re.fullmatch(r"(\d{1,2})[/.-](\d{4})", raw):
        if 1 <= int(match[1]) <= 12 and 1800 <= int(match[2]) <= 2200:
            return f"{int(match[1]):02d}/{match[2]}", ""
        return raw, _bad_partial(item, raw)
    day = read_date(raw)
    return (show_date(day), "") if day else (raw, _bad_partial(item, raw))


def _bad_partial(item: Field, raw: str) -> str:
    return _("Ghi ngày/tháng/năm, hoặc tháng/năm, hoặc chỉ năm, ví dụ 1958; bạn đã nhập «%(value)s».") % {
        "value": raw
    }


def _read_phone(item: Field, raw: str) -> tuple[Any, str]:
    digits = re.sub(r"[\s.()-]", "", raw)
    digits = "0" + digits[3:] if digits.startswith("+84") else digits
    if PHONE.fullmatch(digits):
        return digits, ""
    return raw, _("Số điện thoại có 10 hoặc 11 chữ số, bắt đầu bằng 0; bạn đã nhập «%(value)s».") % {
        "value": raw
    }


def _read_email(item: Field, raw: str) -> tuple[Any, str]:
    if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", raw):
        return raw, ""
    return raw, _("Thư điện tử có dạng ten@noi-gui.vn; bạn đã nhập «%(value)s».") % {"value": raw}


def _read_citizen_id(item: Field, raw: str) -> tuple[Any, str]:
    number = re.sub(r"[\s.]", "", raw).upper()
    if item.rule("digits") or re.fullmatch(r"[0-9A-Z]{8,12}", number):
        return number, ""
    return raw, _("%(label)s có 8 đến 12 chữ số hoặc chữ cái; bạn đã nhập «%(value)s».") % {
        "label": item.label, "value": raw,
    }  # fmt: skip


_READERS: dict[str, Callable[[Field, str], tuple[Any, str]]] = {
    "text": _read_text, "address": _read_text, "citizen_id": _read_citizen_id, "number": _read_number,
    "money": _read_number, "date": _read_day, "partial_date": _read_partial, "phone": _read_phone,
    "email": _read_email,
}  # fmt: skip


def show(item: Field, value: Any) -> str:
    """An answer as a person reads it."""
    if value in ("", None, []):
        return ""
    if isinstance(value, list):
        return ", ".join(str(part) for part in value)
    if isinstance(value, int | float):
        return f"{show_number(value)}\u00a0đ" if item.kind == "money" else show_number(value)
    return str(value).upper() if item.rule("uppercase_display") else str(value)


def hint_of(form: Form, item: Field) -> str:
    """When a field that is not always required must be answered, in words."""
    label = lambda name: other.label if (other := form.field(name)) else name  # noqa: E731
    for rule in item.rules:
        if rule.condition and rule.word == "required_if" and (words := rule.condition.in_words(label)):
            return _("Cần khi %(words)s.") % {"words": words}
        if rule.condition and rule.word == "required_unless" and (words := rule.condition.in_words(label)):
            return _("Không cần khi %(words)s.") % {"words": words}
        if rule.word == "required_if_empty":
            return _("Cần khi không có «%(label)s».") % {"label": label(rule.args[0])}
        if rule.word == "required_if_filled":
            return _("Cần khi đã điền «%(label)s».") % {"label": label(rule.args[0])}
        if rule.word == "required_if_authorized":
            return _("Cần khi nộp theo ủy quyền.")
        if rule.word == "unique_in_commune":
            return _("Cơ quan đăng ký kiểm tra tên trùng khi thẩm định.")
    return ""


def is_sometimes_needed(item: Field) -> bool:
    return any(rule.word.startswith("required_") for rule in item.rules)
