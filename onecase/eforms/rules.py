"""The closed language of a schema's rules: every word with what it asks of a filled-in answer.

A word that is not here is refused when the form is loaded.
"""

import ast
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from core.search import fold
from onecase.eforms.schema import FACTS, Condition, Field, Rule, SchemaError, Verdict
from onecase.eforms.words import read_date, show_date, show_number

if TYPE_CHECKING:
    from onecase.eforms.checking import Check

DIGITS = re.compile(r"\d+")

# --- conditions ------------------------------------------------------------------------------------------

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt,
}  # fmt: skip


def _condition(text: str) -> Condition:
    """Parse one condition. SchemaError when the words are unknown."""
    text = text.strip()
    if " or " in text:
        either = [_condition(part) for part in text.split(" or ")]
        return Condition(
            lambda check: any(part.holds(check) for part in either),
            tuple(name for part in either for name in part.names),
            text,
        )
    if match := re.fullmatch(r"(\d+)<=age\((\w+)\)<(\d+)", text):
        low, name, high = int(match[1]), match[2], int(match[3])
        return Condition(
            lambda check: (age := check.age(name)) is not None and low <= age < high, (name,), text
        )
    if match := re.fullmatch(r"age\((\w+)\)(>=|<=|>|<)(\d+)", text):
        name, compare, bound = match[1], _COMPARE[match[2]], int(match[3])
        return Condition(lambda check: (age := check.age(name)) is None or compare(age, bound), (name,), text)
    if match := re.fullmatch(r"(\w+)!=(.+)", text):
        name, value = match[1], match[2]
        return Condition(
            lambda check: bool(check.get(name)) and check.get(name) != value,
            (name,),
            text,
            ("!=", name, value),
        )
    if match := re.fullmatch(r"(\w+)=(.+)", text):
        name, value = match[1], match[2]
        return Condition(lambda check: check.get(name) == value, (name,), text, ("=", name, value))
    if match := re.fullmatch(r"(\w+) startswith (.+)", text):
        name, value = match[1], match[2]
        return Condition(
            lambda check: str(check.get(name) or "").startswith(value),
            (name,),
            text,
            ("startswith", name, value),
        )
    if text in FACTS:
        return Condition(lambda check: text in check.situation.facts, (), text)
    raise SchemaError(f"unknown condition: {text!r}")


# --- rules -----------------------------------------------------------------------------------------------

_WORDS: list[tuple[str, re.Pattern[str], Verdict | None, bool]] = []


def _knows(word: str, pattern: str, *, conditional: bool = False) -> Callable[[Verdict], Verdict]:
    """Declare a rule: its pattern, and the check that follows. `conditional`: its first argument is a condition."""

    def declare(verdict: Verdict) -> Verdict:
        _WORDS.append((word, re.compile(pattern), verdict, conditional))
        return verdict

    return declare


def _mark(word: str, pattern: str, *, conditional: bool = False) -> None:
    """A rule that only marks a field; other code asks for it by word."""
    _WORDS.append((word, re.compile(pattern), None, conditional))


def rule_of(text: str) -> Rule:
    for word, pattern, verdict, conditional in _WORDS:
        if match := pattern.fullmatch(text):
            args = match.groups()
            condition = _condition(args[0]) if conditional else None
            inner = rule_of(args[1]) if word == "if" else None
            return Rule(word, text, args, condition, inner, verdict)
    raise SchemaError(f"unknown rule: {text!r}")


_mark("uppercase_display", "uppercase_display")
_mark("default", r"default\((.+)\)")
_mark("multiple", "multiple")
_mark("pdf", "pdf")
_mark("pdf_jpg_png", "pdf_jpg_png")
_mark("max_mb", r"max_mb\((\d+)\)")
_mark("clears", r"if\(Có\) clears section")
_mark("optional_if_data_available", "optional_if_data_available")
_mark("unique_in_commune", "unique_in_commune")  # the registrar looks it up; no register is connected
_mark("required_if_authorized", "required_if_authorized")
_mark("required_if_filled", r"required_if_filled\((\w+)\)")
_mark("required_if_empty", r"required_if_empty\((\w+)\)")
_mark("required_if", r"required_if\((.+)\)", conditional=True)
_mark("required_unless", r"required_unless\((.+)\)", conditional=True)
_mark("sum", r"sum\((\w+): (.+)\)")
_mark("warn_if_older_days", r"warn_if_older_days\((\d+)\)")


@_knows("digits", r"digits\((\d+)\)")
def _digits(check: "Check", item: Field, value: Any, rule: Rule) -> str | None:
    wanted, found = int(rule.args[0]), len(str(value))
    if DIGITS.fullmatch(str(value)) and found == wanted:
        return None
    if DIGITS.fullmatch(str(value)):
        return _("%(label)s có %(wanted)d chữ số; bạn đã nhập %(found)d: «%(value)s».") % {
            "label": item.label, "wanted": wanted, "found": found, "value": value,
        }  # fmt: skip
    return _("%(label)s chỉ gồm %(wanted)d chữ số; bạn đã nhập «%(value)s».") % {
        "label": item.label, "wanted": wanted, "value": value,
    }  # fmt: skip


@_knows("not_future", "not_future")
def _not_future(check: "Check", item: Field, value: Any, rule: Rule) -> str | None:
    earliest = read_date(str(value), partial=True)
    if earliest and earliest > check.situation.today:
        return _("%(label)s «%(value)s» ở sau hôm nay (%(today)s). Xem lại ngày, tháng, năm.") % {
            "label": item.label, "value": value, "today": show_date(check.situation.today),
        }  # fmt: skip
    return None


@_knows("future_working_day", "future_working_day")
def _future_working_day(check: "Check", item: Field, value: Any, rule: Rule) -> str | None:
    day = read_date(str(value))
    if day is None:
        return None
    if day <= check.situation.today:
        return _("Chọn một ngày sau hôm nay (%(today)s); bạn đã nhập «%(value)s».") % {
            "today": show_date(check.situation.today), "value": value,
        }  # fmt: skip
    if not check.situation.is_working_day(day):
        return _("«%(value)s» là ngày nghỉ. Chọn một ngày làm việc.") % {"value": value}
    return None


@_knows("time_hh_mm", "time_hh_mm")
def _time(check: "Check", item: Field, value: Any, rule: Rule) -> str | None:
    if re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", str(value)):
        return None
    return _("Ghi giờ theo dạng 24 giờ, ví dụ 08:30; bạn đã nhập «%(value)s».") % {"value": value}


@_knows("min", r"min\((\d+(?:\.\d+)?)\)")
def _min(check: "Check", item: Field, value: Any, rule: Rule) -> str | None:
    bound = float(rule.args[0])
    if not isinstance(value, int | float) or value >= bound:
        return None
    return _("%(label)s ít nhất là %(bound)s; bạn đã nhập «%(value)s».") % {
        "label": item.label, "bound": show_number(bound), "value": show_number(value),
    }  # fmt: skip


@_knows("max", r"max\((\d+(?:\.\d+)?)\)")
def _max(check: "Check", item: Field, value: Any, rule: Rule) -> str | None:
    bound = float(rule.args[0])
    if not isinstance(value, int | float) or value <= bound:
        return None
    return _("%(label)s nhiều nhất là %(bound)s; bạn đã nhập «%(value)s».") % {
        "label": item.label, "bound": show_number(bound), "value": show_number(value),
    }  # fmt: skip


@_knows("compare", r"(<=|>=)(\w+)")
def _compare(check: "Check", item: Field, value: Any, rule: Rule) -> str | None:
    sign, name = rule.args
    other = check.get(name)
    if (
        not isinstance(value, int | float)
        or not isinstance(other, int | float)
        or _COMPARE[sign](value, other)
    ):
        return None
    words = _("không lớn hơn") if sign == "<=" else _("không nhỏ hơn")
    return _("%(label)s (%(value)s) phải %(words)s «%(other_label)s» (%(other)s).") % {
        "label": item.label, "value": show_number(value), "words": words,
        "other_label": check.label_of(name), "other": show_number(other),
    }  # fmt: skip


@_knows("if", r"if\((.+)\) (m(?:in|ax)\(.+\))", conditional=True)
def _only_if(check: "Check", item: Field, value: Any, rule: Rule) -> str | None:
    assert rule.condition and rule.inner and rule.inner.verdict
    if not rule.condition.holds(check):
        return None
    message = rule.inner.verdict(check, item, value, rule.inner)
    when = rule.condition.in_words(check.label_of)
    return (
        _("Khi %(when)s: %(message)s") % {"when": when, "message": message} if message and when else message
    )


@_knows("must_be", r"must_be\((.+)\)")
def must_be(check: "Check", item: Field, value: Any, rule: Rule) -> str | None:
    if value == rule.args[0]:
        return None
    return _("Đánh dấu «%(answer)s» để nộp được hồ sơ.") % {"answer": rule.args[0]}


@_knows("startswith", r"startswith\((.+)\)")
def _startswith(check: "Check", item: Field, value: Any, rule: Rule) -> str | None:
    if fold(str(value)).startswith(fold(rule.args[0])):
        return None
    return _("%(label)s bắt đầu bằng «%(start)s»; bạn đã nhập «%(value)s».") % {
        "label": item.label, "start": rule.args[0], "value": value,
    }  # fmt: skip


@_knows("in_city", "in_city")
def _in_city(check: "Check", item: Field, value: Any, rule: Rule) -> str | None:
    if "hai phong" in fold(str(value)):
        return None
    return _("%(label)s phải ở Hải Phòng. Ghi đủ xã, phường và «Hải Phòng»; bạn đã nhập «%(value)s».") % {
        "label": item.label, "value": value,
    }  # fmt: skip


@_knows("one_of", r"one_of\((.+)\)")
def _one_of(check: "Check", item: Field, value: Any, rule: Rule) -> str | None:
    names = [name.strip() for name in rule.args[0].split(",")]
    allowed = [str(check.get(name)) for name in names if check.get(name)]
    if (
        len(allowed) < len(names) or value in allowed
    ):  # a parent left open: nothing to hold the answer against
        return None
    return _("%(label)s «%(value)s» khác với %(allowed)s. Chọn theo cha hoặc mẹ.") % {
        "label": item.label, "value": value,
        "allowed": ", ".join(_("«%(other)s» ở «%(label)s»") % {"other": check.get(name), "label": check.label_of(name)} for name in names),
    }  # fmt: skip


@_knows("min_items", r"min_items\((\d+)\)")
def _min_items(check: "Check", item: Field, value: Any, rule: Rule) -> str | None:
    wanted = int(rule.args[0])
    if len(value) >= wanted:
        return None
    return _("Thêm ít nhất %(wanted)d mục vào «%(label)s»; hiện có %(found)d.") % {
        "wanted": wanted, "label": item.label, "found": len(value),
    }  # fmt: skip


@_knows("exactly_one", r"exactly_one\((\w+)\)")
def _exactly_one(check: "Check", item: Field, value: Any, rule: Rule) -> str | None:
    name = rule.args[0]
    chosen = sum(row.get(name) == "Có" for row in value)
    if chosen == 1 or not value:
        return None
    label = next((part.label for part in item.fields if part.name == name), name)
    return _("Chọn đúng một mục là «%(label)s» trong «%(group)s»; hiện có %(found)d.") % {
        "label": label, "group": item.label, "found": chosen,
    }  # fmt: skip


@_knows("holds", r"(age\(\w+\)(?:>=|<=|>|<)\d+(?: or .+)?)", conditional=True)
def _holds(check: "Check", item: Field, value: Any, rule: Rule) -> str | None:
    assert rule.condition
    if rule.condition.holds(check):
        return None
    match = re.match(r"age\((\w+)\)(?:>=|>)(\d+)", rule.condition.text)
    name, bound = (match[1], match[2]) if match else ("", "")
    known = {"label": check.label_of(name), "value": check.get(name), "age": check.age(name), "bound": bound}
    if " or " in rule.condition.text:
        return _(
            "«%(answer)s» chỉ chọn được khi đã đủ %(bound)s tuổi; theo «%(label)s» là «%(value)s» thì mới %(age)s tuổi."
        ) % {**known, "answer": value}
    return _("Chưa đủ %(bound)s tuổi: theo «%(label)s» là «%(value)s» thì mới %(age)s tuổi.") % known


# --- the one computed field ------------------------------------------------------------------------------

_ARITHMETIC: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
}  # fmt: skip


@cache
def formula(text: str) -> tuple[ast.expr, frozenset[str]]:
    """The parsed formula and the fields it reads. SchemaError when it holds anything but + - * min max."""
    tree = ast.parse(text, mode="eval").body
    names = frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name)) - {"min", "max"}
    _evaluated(tree, dict.fromkeys(names, 1))
    return tree, names


def total(rows: Sequence[Mapping[str, Any]], text: str) -> int:
    """Sum a formula over the rows; a row with gaps counts nothing."""
    tree, names = formula(text)
    total = 0.0
    for row in rows:
        if all(isinstance(row.get(name), int | float) for name in names):
            total += _evaluated(tree, row)
    return int(total)


def _evaluated(node: ast.expr, row: Mapping[str, Any]) -> float:
    match node:
        case ast.Constant(value=int() | float() as value):
            return value
        case ast.Name(id=name):
            return row[name]
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _ARITHMETIC:
            return _ARITHMETIC[type(sign)](_evaluated(left, row), _evaluated(right, row))
        case ast.Call(func=ast.Name(id="min" | "max" as name), args=args):
            return (min if name == "min" else max)(_evaluated(arg, row) for arg in args)
    raise SchemaError(f"formula not understood: {ast.dump(node)}")
