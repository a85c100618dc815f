"""One run over a form: clean every answer, then hold it against the rules."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from onecase.eforms.answers import missing, path, strange, understood
from onecase.eforms.rules import must_be, total
from onecase.eforms.schema import Field, Form, Outcome, Section, Situation
from onecase.eforms.words import read_date

AUTHORISED = "Người được ủy quyền"


class Check:
    """One run over the form. Conditions look at all answers, also at those of other steps."""

    def __init__(self, form: Form, answers: Mapping[str, Any], situation: Situation) -> None:
        self.form, self.situation = form, situation
        self.answers: dict[str, Any] = dict(answers)
        self.errors: dict[str, str] = {}
        self.warnings: dict[str, str] = {}

    def get(self, name: str) -> Any:
        return self.answers.get(name)

    def label_of(self, name: str) -> str:
        item = self.form.field(name)
        return item.label if item else name

    def age(self, name: str) -> int | None:
        """Full years today; unknown while the date is missing or wrong."""
        born = read_date(str(self.get(name) or ""), partial=True)
        if born is None:
            return None
        today = self.situation.today
        return today.year - born.year - ((today.month, today.day) < (born.month, born.day))

    # cleaning comes first, so that conditions read clean answers whatever the order of the fields

    def clean(self) -> None:
        for item in self.form.fields():
            if item.kind == "repeat":
                self._clean_rows(item)
            elif item.kind != "file" and not item.is_computed:
                self._clean_one(item, self.answers, item.name, item.name)
        for section in self.form.sections:
            tick = section.clearing
            if tick and self.get(tick.name):
                for item in section.fields:
                    if item is not tick:
                        self.answers[item.name] = ""
                        self.errors.pop(item.name, None)
        for section in self.form.sections:
            self._drop_lone_defaults(section)
        for item in self.form.fields():
            if (rule := item.rule("sum")) is not None:
                self.answers[item.name] = total(self.answers.get(rule.args[0]) or [], rule.args[1])

    def _drop_lone_defaults(self, section: Section) -> None:
        """A section that nobody filled in (a parent not declared) says nothing, not even by default."""
        if any(item.required for item in section.fields) or not any(item.default for item in section.fields):
            return
        if all(self.get(item.name) in ("", None, [], item.default) for item in section.fields):
            self.answers.update({item.name: "" for item in section.fields if item.default})

    def _clean_rows(self, item: Field) -> None:
        rows = [
            dict(row) for row in self.answers.get(item.name) or [] if isinstance(row, dict) and row.get("_id")
        ]
        kept = []
        for row in rows:
            has_file = any(self.situation.files.get(path(item, row, part)) for part in item.fields)
            if has_file or any(row.get(part.name) for part in item.fields):
                kept.append(row)
        for row in kept:
            for part in item.fields:
                if part.kind != "file":
                    self._clean_one(part, row, part.name, path(item, row, part))
        self.answers[item.name] = kept

    def _clean_one(self, item: Field, into: dict[str, Any], name: str, where: str) -> None:
        raw = into.get(name, "")
        if item.is_multiple:
            chosen = [choice for choice in (raw if isinstance(raw, list) else [raw]) if choice]
            unknown = next((choice for choice in chosen if choice not in item.choices), None)
            into[name] = chosen
            if unknown is not None:
                self.errors[where] = strange(item, unknown)
            return
        if raw in ("", None):
            into[name] = ""
            return
        value, message = understood(item, raw)
        into[name] = value
        if message:
            self.errors[where] = message

    # then rules

    def judge(self, fields: Iterable[Field]) -> None:
        cleared = {
            item.name
            for section in self.form.sections
            if section.clearing and self.get(section.clearing.name)
            for item in section.fields
        }
        for item in fields:
            if item.name in cleared or item.is_computed:
                continue
            if item.kind == "repeat":
                self._judge_rows(item)
            elif item.kind == "file":
                if self.needs(item) and not self.situation.files.get(item.name):
                    self.errors.setdefault(item.name, missing(item))
            else:
                self._judge_one(item, self.get(item.name), item.name, needed=self.needs(item))

    def _judge_rows(self, item: Field) -> None:
        rows = self.get(item.name)
        if rows or self.needs(item):
            for rule in item.rules:
                if rule.verdict and (message := rule.verdict(self, item, rows, rule)):
                    self.errors.setdefault(item.name, message)
        for row in rows:
            for part in item.fields:
                where = path(item, row, part)
                if part.kind == "file":
                    if part.required and not self.situation.files.get(where):
                        self.errors.setdefault(where, missing(part))
                else:
                    self._judge_one(part, row.get(part.name), where, needed=part.required)

    def _judge_one(self, item: Field, value: Any, where: str, *, needed: bool) -> None:
        if where in self.errors:
            return
        if value in ("", None, []):
            if needed:
                must = item.rule("must_be")
                self.errors[where] = (must and must_be(self, item, value, must)) or missing(item)
            return
        for rule in item.rules:
            if rule.word == "warn_if_older_days":
                self._warn(item, value, where, int(rule.args[0]))
            elif (
                rule.verdict
                and where not in self.errors
                and (message := rule.verdict(self, item, value, rule))
            ):
                self.errors[where] = message

    def _warn(self, item: Field, value: Any, where: str, days: int) -> None:
        day = read_date(str(value))
        if day and (self.situation.today - day).days > days:
            self.warnings[where] = _(
                "Đã quá %(days)d ngày kể từ «%(value)s». Vẫn nộp được; cơ quan tiếp nhận sẽ báo nếu có việc phải làm thêm."
            ) % {"days": days, "value": value}

    def needs(self, item: Field) -> bool:
        """Must this field be answered, as things stand?"""
        if item.required:
            return True
        for rule in item.rules:
            if rule.word == "required_if_authorized" and self.get("applicant_relation") == AUTHORISED:
                return True
            if rule.word == "required_if_filled" and self.get(rule.args[0]):
                return True
            if rule.word == "required_if_empty" and not self.get(rule.args[0]) and self._section_began(item):
                return True
            if rule.word == "required_if" and rule.condition and rule.condition.holds(self):
                return True
            if rule.word == "required_unless" and rule.condition and not rule.condition.holds(self):
                decided = all(self.get(name) for name in rule.condition.names)
                if decided:  # nothing is demanded before the question that decides it has been answered
                    return True
        return False

    def _section_began(self, item: Field) -> bool:
        """A wholly empty optional section (a parent not declared) owes no identity paper."""
        section = next(part for part in self.form.sections if item in part.fields)
        touched = (other for other in section.fields if other is not item and not other.default)
        return any(other.required or self.get(other.name) for other in touched)


def check(
    form: Form, answers: Mapping[str, Any], situation: Situation, *, fields: Iterable[Field] | None = None
) -> Outcome:
    """Clean and judge the answers: all of them, or those of the given fields (one step)."""
    run = Check(form, answers, situation)
    run.clean()
    judged = list(form.fields() if fields is None else fields)
    run.judge(judged)
    if fields is not None:
        names = {item.name for item in judged}
        run.errors = {where: text for where, text in run.errors.items() if where.partition(".")[0] in names}
    return Outcome(run.answers, run.errors, run.warnings)


def needed(form: Form, answers: Mapping[str, Any], situation: Situation, item: Field) -> bool:
    run = Check(form, answers, situation)
    run.clean()
    return run.needs(item)
