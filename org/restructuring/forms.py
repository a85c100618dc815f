"""What planner and approver type in, and how a step of the plan is read from and shown in its form."""

import re
from datetime import date, timedelta
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.forms import DateField
from org.choices import OrganizationKind, Role, StepKind, UnitKind
from org.models import AdminUnit, LegalBasis, Organization
from org.restructuring.communes import slug_of
from org.restructuring.plan import CARRIED_ROLES

RULE_ROWS: Final = 4
NEW_ROWS: Final = {StepKind.MERGE: 1, StepKind.SPLIT: 3}
TAKES_TARGETS: Final = {
    StepKind.MERGE,
    StepKind.SPLIT,
    StepKind.DISSOLVE,
    StepKind.TRANSFER,
    StepKind.CHANGE_PARENT,
}
KINDS: Final = [
    (
        StepKind.MERGE,
        _("Hợp nhất, sáp nhập"),
        _("Nhiều đơn vị thành một đơn vị mới, hoặc nhập vào một đơn vị đang có"),
    ),
    (StepKind.SPLIT, _("Chia, tách"), _("Một đơn vị thành nhiều đơn vị")),
    (StepKind.RENAME, _("Đổi tên"), _("Vẫn là đơn vị ấy: tên, ký hiệu khác từ ngày có hiệu lực")),
    (StepKind.DISSOLVE, _("Giải thể"), _("Đơn vị kết thúc, chức năng chuyển cho đơn vị đang có")),
    (StepKind.TRANSFER, _("Chuyển chức năng"), _("Đơn vị còn hoạt động, một phần việc sang đơn vị khác")),
    (StepKind.CHANGE_PARENT, _("Chuyển cơ quan quản lý"), _("Vẫn là đơn vị ấy, cấp trên khác")),
]
# Since 01/7/2025 there are two levels; what was before is no longer founded.
PLACES: Final = (UnitKind.WARD, UnitKind.COMMUNE, UnitKind.SPECIAL_ZONE, UnitKind.PROVINCE, UnitKind.CITY)
EARLIEST: Final = date(2000, 1, 1)
FARTHEST: Final = timedelta(days=3 * 365)
NOTE_ROWS: Final = {"rows": 3, "maxlength": 500}


class BatchForm(forms.Form):
    title = forms.CharField(
        label=_("Tên đợt sắp xếp"), max_length=200, help_text=_("Ví dụ: Sắp xếp phường A và phường B")
    )
    effective_on = DateField(
        label=_("Có hiệu lực từ ngày"),
        help_text=_("Áp dụng lúc 00:00 ngày này; ngày đã qua thì áp dụng ngay sau khi duyệt."),
    )
    basis_number = forms.CharField(
        label=_("Căn cứ: số, ký hiệu"),
        max_length=120,
        required=False,
        help_text=_("Bắt buộc khi duyệt. Ghi đúng như trên văn bản."),
    )
    basis_issuer = forms.CharField(label=_("Cơ quan ban hành"), max_length=200, required=False)

    def clean_effective_on(self) -> date:
        day: date = self.cleaned_data["effective_on"]
        if not EARLIEST <= day <= timezone.localdate() + FARTHEST:
            raise ValidationError(
                _t("Ngày có hiệu lực từ %(first)s đến không quá 3 năm tới.")
                % {"first": f"{EARLIEST:%d/%m/%Y}"}
            )
        return day

    def basis(self) -> LegalBasis | None:
        return basis_of(self.cleaned_data["basis_number"], self.cleaned_data["basis_issuer"])


def basis_of(number: str, issuer: str) -> LegalBasis | None:
    if not number.strip():
        return None
    found, _created = LegalBasis.objects.get_or_create(number=number.strip(), issuer=issuer.strip())
    return found


class ApprovalForm(forms.Form):
    read = forms.CharField(widget=forms.HiddenInput)  # the digest of the plan that was read
    basis_number = forms.CharField(label=_("Căn cứ: số, ký hiệu"), max_length=120)
    basis_issuer = forms.CharField(label=_("Cơ quan ban hành"), max_length=200, required=False)
    note = forms.CharField(
        label=_("Ý kiến duyệt"), widget=forms.Textarea(attrs=NOTE_ROWS), max_length=500, required=False
    )

    def basis(self) -> LegalBasis | None:
        return basis_of(self.cleaned_data["basis_number"], self.cleaned_data["basis_issuer"])


class ReasonForm(forms.Form):
    note = forms.CharField(
        label=_("Lý do"),
        widget=forms.Textarea(attrs=NOTE_ROWS),
        max_length=500,
        error_messages={"required": _("Nhập lý do hoặc nội dung trước khi thực hiện.")},
    )


class UndoForm(forms.Form):
    effective_on = DateField(
        label=_("Lập lại từ ngày"),
        help_text=_("Sau ngày có hiệu lực của đợt cũ; thời gian ở giữa vẫn là lịch sử."),
    )


class SettleForm(forms.Form):
    unit = forms.ChoiceField(label=_("Đơn vị giải quyết"), widget=forms.RadioSelect, required=False)
    note = forms.CharField(
        label=_("Đã làm gì"),
        widget=forms.Textarea(attrs=NOTE_ROWS),
        max_length=300,
        required=False,
        help_text=_("Số quyết định, người được phân công"),
    )

    def __init__(self, *args: Any, leftover: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if leftover.kind != "case":
            del self.fields["unit"]
            return
        units = Organization.objects.filter(pk__in=leftover.options).order_by("name")
        unit: Any = self.fields["unit"]
        unit.choices = [(str(one.pk), one.name) for one in units]


# --- one step ------------------------------------------------------------------------------------------------


class NewUnitForm(forms.Form):
    """The full description of a unit that the plan founds."""

    name = forms.CharField(label=_("Tên đầy đủ"), max_length=200, required=False)
    short_name = forms.CharField(label=_("Tên ngắn"), max_length=120, required=False)
    symbol = forms.CharField(label=_("Ký hiệu"), max_length=30, required=False)
    kind = forms.ChoiceField(label=_("Loại"), choices=OrganizationKind.choices, required=False)
    parent = forms.ChoiceField(label=_("Cấp trên"), required=False)
    slug = forms.SlugField(
        label=_("Định danh địa chỉ"),
        max_length=80,
        required=False,
        help_text=_("Chữ không dấu và gạch nối; để trống: đặt theo tên"),
    )
    ground = forms.ChoiceField(label=_("Địa bàn"), required=False)
    ground_code = forms.CharField(label=_("Mã thống kê của địa bàn mới"), max_length=5, required=False)
    ground_kind = forms.ChoiceField(
        label=_("Loại địa bàn mới"), choices=[(kind.value, kind.label) for kind in PLACES], required=False
    )
    ground_name = forms.CharField(label=_("Tên địa bàn mới, không kèm loại"), max_length=100, required=False)
    parts = forms.BooleanField(label=_("Lập các bộ phận theo mẫu của cấp xã"), required=False)

    def __init__(self, *args: Any, olds: list[Organization], first: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.first, self.olds = first, olds
        for name in ("name", "kind") if first else ():
            self.fields[name].required = True
        self.fields["name"].error_messages["required"] = _t("Nhập tên đơn vị mới.")
        parents = {unit.parent for unit in olds if unit.parent} | {
            unit.agency for unit in olds if unit.agency
        }
        parents |= set(Organization.objects.valid_on().filter(kind="ubnd", territory__level=1))
        ended = {unit.pk for unit in olds}
        choices: Any = self.fields["parent"]
        choices.choices = [
            ("", _t("không có cấp trên")),
            *sorted(((one.slug, one.name) for one in parents if one.pk not in ended), key=lambda row: row[1]),
        ]
        grounds = {unit.territory.code: unit.territory for unit in olds if unit.territory}
        ground: Any = self.fields["ground"]
        ground.choices = [
            ("", _t("không gắn địa bàn")),
            ("new", _t("lập địa bàn mới")),
            *(
                (code, _t("giữ địa bàn %(unit)s") % {"unit": unit.full_name})
                for code, unit in grounds.items()
            ),
        ]
        if not self.is_bound and olds:
            self.initial.setdefault("kind", olds[0].kind)
            self.initial.setdefault("symbol", olds[0].symbol)
            self.initial.setdefault("parent", olds[0].parent.slug if olds[0].parent else "")
            if olds[0].kind == OrganizationKind.COMMITTEE:
                self.initial.setdefault("ground", "new")
                self.initial.setdefault("ground_kind", olds[0].territory.kind if olds[0].territory else "")
                self.initial.setdefault("parts", True)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("name"):  # a further block that was left empty
            return data
        if data.get("ground") == "new":
            for name, words in (
                ("ground_code", _t("Nhập mã thống kê.")),
                ("ground_name", _t("Nhập tên địa bàn.")),
            ):
                if not data.get(name):
                    self.add_error(name, words)
            if not data.get("ground_kind"):
                self.add_error("ground_kind", _t("Chọn loại địa bàn."))
            if data.get("ground_code") and not re.fullmatch(r"\d{2,5}", data["ground_code"]):
                self.add_error("ground_code", _t("Mã thống kê chỉ gồm chữ số."))
        return data

    def entry(self, *, agency: str = "") -> dict[str, Any] | None:
        """As a step keeps it; None when this block was left empty."""
        data = self.cleaned_data
        if not data.get("name"):
            return None
        part = data["kind"] in {
            OrganizationKind.DIVISION,
            OrganizationKind.ADMIN_UNIT,
            OrganizationKind.PUBLIC_SERVICE,
        }
        territory = self._territory(data)
        return {
            "unit": data["slug"] or self._own_slug(data["kind"], data["name"], territory),
            "name": data["name"].strip(),
            "short_name": data["short_name"].strip(),
            "symbol": data["symbol"].strip(),
            "kind": data["kind"],
            "parent": data["parent"],
            "agency": data["parent"] if part else agency,
            "territory": territory,
            "parts": "commune" if data["parts"] else "",
        }

    @staticmethod
    def _own_slug(kind: str, name: str, territory: dict[str, Any] | None) -> str:
        """By the place for a committee, «ubnd-phuong-gia-vien», else by the name."""
        place = (territory or {}).get("full_name", "")
        return f"ubnd-{slug_of(place)}" if kind == OrganizationKind.COMMITTEE and place else slug_of(name)

    def _territory(self, data: dict[str, Any]) -> dict[str, Any] | None:
        if not data["ground"]:
            return None
        if data["ground"] != "new":
            return {"code": data["ground"], "exists": True}
        olds = [unit.territory for unit in self.olds if unit.territory]
        above = AdminUnit.objects.filter(children__in=olds).first() if olds else None
        kind, name = str(UnitKind(data["ground_kind"]).label), data["ground_name"].strip()
        return {
            "code": data["ground_code"],
            "level": olds[0].level if olds else 3,
            "kind": data["ground_kind"],
            "name": name,
            "full_name": f"{kind[:1].upper()}{kind[1:]} {name}",
            "parent": above.code if above else "",
        }

    def bring(self, entry: dict[str, Any]) -> None:
        """Show a kept description again."""
        ground = entry.get("territory") or {}
        self.initial.update(
            {name: entry.get(name, "") for name in ("name", "short_name", "symbol", "kind", "parent")}
        )
        # A slug that was made of the name follows the name.
        own = self._own_slug(entry["kind"], entry["name"], entry.get("territory"))
        slug = "" if entry["unit"] == own else entry["unit"]
        self.initial.update({"slug": slug, "parts": entry.get("parts") == "commune", "ground": ""})
        if ground.get("exists"):
            self.initial["ground"] = ground["code"]
        elif ground:
            self.initial.update(
                {
                    "ground": "new",
                    "ground_code": ground["code"],
                    "ground_kind": ground["kind"],
                    "ground_name": ground["name"],
                }
            )


class NamesForm(forms.Form):
    name = forms.CharField(label=_("Tên mới"), max_length=200)
    short_name = forms.CharField(label=_("Tên ngắn mới"), max_length=120, required=False)
    symbol = forms.CharField(label=_("Ký hiệu mới"), max_length=30, required=False)


class WaysForm(forms.Form):
    """Where people and cases go. One rule a line: a row that is left empty is no rule."""

    people = forms.ChoiceField(label=_("Người của đơn vị cũ"), widget=forms.RadioSelect, required=False)
    roles = forms.MultipleChoiceField(
        label=_("Quyền chuyển theo người"),
        widget=forms.CheckboxSelectMultiple,
        choices=[(role.value, role.label) for role in Role],
        required=False,
        help_text=_("Quyền khác kết thúc cùng đơn vị cũ và vào danh sách việc còn lại để cấp lại."),
    )

    def __init__(self, *args: Any, targets: list[tuple[str, str]], shown: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people: Any = self.fields["people"]
        people.choices = [(slug, _t("tất cả về %(unit)s") % {"unit": name}) for slug, name in targets]
        if len(targets) > 1:
            people.choices = [*people.choices, ("*", _t("chia đều cho các đơn vị nhận"))]
        self.initial.setdefault("people", targets[0][0] if targets else "")
        self.initial.setdefault("roles", [*CARRIED_ROLES, Role.UNIT_ADMIN])
        if len(targets) < 2:
            del self.fields["people"]
        if not shown:
            self.fields.clear()
        self.rules = []
        if shown and len(targets) > 1:
            for n in range(RULE_ROWS):
                self.fields[f"rule-{n}-by"] = forms.ChoiceField(
                    label=_("Hồ sơ có"),
                    required=False,
                    choices=[
                        ("address", _("địa chỉ có")),
                        ("field", _("lĩnh vực")),
                        ("procedure", _("mã thủ tục")),
                    ],
                )
                self.fields[f"rule-{n}-value"] = forms.CharField(
                    label=_("là"), max_length=120, required=False
                )
                self.fields[f"rule-{n}-to"] = forms.ChoiceField(
                    label=_("chuyển về"), required=False, choices=targets
                )
                self.rules.append(n)

    def rule_rows(self) -> list[list[Any]]:
        return [[self[f"rule-{n}-{name}"] for name in ("by", "value", "to")] for n in self.rules]

    def plain(self) -> list[Any]:
        return [self[name] for name in ("people", "roles") if name in self.fields]

    def written(self, targets: list[str]) -> dict[str, Any]:
        data = self.cleaned_data
        chosen = data.get("people") or (targets[0] if targets else "")
        found: dict[str, Any] = {}
        if targets:
            found["people"] = targets if chosen == "*" else [chosen]
        if "roles" in data:
            found["roles"] = data["roles"]
        rules = [
            {"by": data[f"rule-{n}-by"], "value": data[f"rule-{n}-value"].strip(), "to": data[f"rule-{n}-to"]}
            for n in self.rules
            if data.get(f"rule-{n}-value", "").strip()
        ]
        if rules:
            found["cases"] = rules
        return found

    def bring(self, rules: dict[str, Any]) -> None:
        people = rules.get("people", [])
        self.initial.update({"roles": rules.get("roles", list(CARRIED_ROLES))})
        if people:
            self.initial["people"] = "*" if len(people) > 1 else people[0]
        for n, rule in enumerate(rules.get("cases", [])[:RULE_ROWS]):
            self.initial.update({f"rule-{n}-{name}": rule[name] for name in ("by", "value", "to")})


def demand_units(kind: str, olds: list[Organization], targets: list[Organization]) -> None:
    """Enough units chosen for a step of this kind. ValidationError says what is missing."""
    if not olds:
        raise ValidationError(_t("Chọn ít nhất một đơn vị cũ."))
    if kind in {StepKind.SPLIT, StepKind.RENAME, StepKind.TRANSFER, StepKind.CHANGE_PARENT} and len(olds) > 1:
        raise ValidationError(_t("Bước này làm với một đơn vị; thêm bước khác cho đơn vị khác."))
    if kind == StepKind.TRANSFER and not targets:
        raise ValidationError(_t("Chọn đơn vị nhận chức năng."))
    if kind == StepKind.CHANGE_PARENT and len(targets) != 1:
        raise ValidationError(_t("Chọn một cơ quan quản lý mới."))
