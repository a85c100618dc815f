"""What is typed in on posts, rights, delegations and emergencies. Last days are asked as people say them: «đến hết»."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.forms import CheckBoxes, DateField, DateWidget, ManyCheckBoxes, RadioBoxes, SpeakingForm
from org import break_glass, rights, scopes, tree
from org.choices import POWERFUL, AssignmentKind, DelegationKind, Role
from org.models import Assignment, Organization, Position, User
from org.models.posts import REASON_AT_LEAST
from org.powers import allowed_roles

REASON = {"rows": 3, "maxlength": 300}


class OneHat(forms.ModelChoiceField):
    def label_from_instance(self, hat: Any) -> str:
        return f"{hat.person.full_name} – {hat}"


class OneAccount(forms.ModelChoiceField):
    def label_from_instance(self, account: Any) -> str:
        hat = next(iter(account.hats), None)
        return f"{account.full_name} – {hat}" if hat else account.full_name


def after(last_day: date | None) -> date | None:
    """Kept is the first day without it."""
    return last_day + timedelta(days=1) if last_day else None


def units_of(ids: Iterable[int]) -> Any:
    return Organization.objects.valid_on().filter(pk__in=list(ids)).order_by("agency__name", "name")


def colleagues(hat: Assignment, *, but: int | None = None) -> Any:
    """Posts of today in the same agency, by name."""
    agency_id = hat.organization.agency_id or hat.organization_id
    found = Assignment.objects.valid_on().filter(organization__agency=agency_id, person__user__is_active=True)
    return (
        found.exclude(person=but)
        .select_related("person", "position", "organization")
        .order_by("person__sort_key")
    )


# --- roles ------------------------------------------------------------------------------------------------


class GrantForm(SpeakingForm):
    """A role for one hat. Which roles wait for a second person is said beside each."""

    role = forms.ChoiceField(label=_("Quyền"), widget=RadioBoxes)
    organization = forms.ModelChoiceField(
        label=_("Trên đơn vị"), queryset=Organization.objects.none(), empty_label=_("chọn đơn vị")
    )
    include_descendants = forms.BooleanField(label=_("Cả các đơn vị trực thuộc"), required=False)
    valid_from = DateField(label=_("Từ ngày"))
    last_day = DateField(label=_("Đến hết ngày"), required=False, help_text=_("Để trống: đến khi thu hồi"))
    reason = forms.CharField(
        label=_("Lý do, căn cứ"),
        max_length=300,
        widget=forms.Textarea(attrs=REASON),
        help_text=_("Ví dụ: phân công tại thông báo số 12"),
    )

    def __init__(self, *args: Any, units: Iterable[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role: Any = self.fields["role"]
        role.choices = [(one.value, rights.MEANS[one]) for one in rights.ORDER]
        role.widget.hints = {one.value: _t("chờ người thứ hai duyệt") for one in POWERFUL}
        unit: Any = self.fields["organization"]
        unit.queryset = units_of(units)
        self.fields["valid_from"].initial = timezone.localdate()


class ReasonForm(SpeakingForm):
    reason = forms.CharField(label=_("Lý do"), max_length=300, widget=forms.Textarea(attrs=REASON))


# --- people -----------------------------------------------------------------------------------------------


class AppointForm(SpeakingForm):
    organization = forms.ModelChoiceField(
        label=_("Đơn vị"), queryset=Organization.objects.none(), empty_label=_("chọn đơn vị")
    )
    position = forms.ModelChoiceField(
        label=_("Chức vụ"), queryset=Position.objects.order_by("title"), empty_label=_("chọn chức vụ")
    )
    kind = forms.ChoiceField(
        label=_("Hình thức"), choices=AssignmentKind.choices, initial=AssignmentKind.PRIMARY
    )
    valid_from = DateField(
        label=_("Từ ngày"), help_text=_("Có thể là ngày đã qua hoặc sắp tới. Ví dụ 05/11/2026")
    )
    last_day = DateField(
        label=_("Đến hết ngày"), required=False, help_text=_("Để trống nếu không định thời hạn")
    )
    decision_no = forms.CharField(label=_("Số quyết định"), max_length=80)
    term = forms.CharField(
        label=_("Nhiệm kỳ"), max_length=20, required=False, help_text=_("Chức vụ bầu, ví dụ 2026-2031")
    )

    def __init__(self, *args: Any, units: Iterable[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit: Any = self.fields["organization"]
        unit.queryset = units_of(units)
        self.fields["valid_from"].initial = timezone.localdate()


class NewPersonForm(AppointForm):
    full_name = forms.CharField(label=_("Họ và tên"), max_length=120)
    email = forms.EmailField(
        label=_("Hộp thư công vụ"),
        help_text=_("Tài khoản mở bằng địa chỉ này; người đó tự đặt mật khẩu qua «Quên mật khẩu»."),
    )
    field_order = ["full_name", "email", "organization", "position"]


class LeavePostForm(SpeakingForm):
    """Ending one post, with the work."""

    on = DateField(
        label=_("Thôi giữ từ ngày"), help_text=_("Ngày đầu tiên không còn giữ chức vụ. Ví dụ 05/11/2026")
    )
    reason = forms.CharField(label=_("Lý do"), max_length=200)
    decision_no = forms.CharField(label=_("Số quyết định"), max_length=80, required=False)
    successor = OneAccount(
        label=_("Giao việc đang làm cho"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("người đứng đầu đơn vị"),
        help_text=_("Hồ sơ mà người này không được thụ lý sẽ chuyển cho người đứng đầu đơn vị."),
    )

    def __init__(self, *args: Any, hat: Assignment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        successor: Any = self.fields["successor"]
        others = colleagues(hat, but=hat.person_id)
        successor.queryset = User.objects.filter(
            is_active=True, pk__in=others.order_by().values("person__user")
        ).order_by("full_name")
        self.fields["on"].initial = timezone.localdate()


class LeaveServiceForm(LeavePostForm):
    closes_account = forms.BooleanField(
        label=_("Khóa tài khoản"),
        required=False,
        help_text=_("Bỏ trống nếu người này còn dùng tài khoản để nộp hồ sơ của riêng mình."),
    )


class ChangePostForm(AppointForm, LeavePostForm):
    """Moving: the old post ends on the day on which the new one begins."""

    field_order = ["organization", "position", "on", "last_day", "decision_no", "term", "reason", "successor"]

    def __init__(self, *args: Any, units: Iterable[int], hat: Assignment, **kwargs: Any) -> None:
        super().__init__(*args, units=units, hat=hat, **kwargs)
        for name in ("kind", "valid_from"):  # of the old post, and the day of the change
            del self.fields[name]
        self.fields["on"].label = _("Từ ngày")
        self.fields["on"].help_text = _("Chức vụ cũ kết thúc và chức vụ mới bắt đầu cùng ngày.")
        self.fields["reason"].required = False


# --- delegations ------------------------------------------------------------------------------------------


class DelegateForm(SpeakingForm):
    """From one hat to another. Roles and scope are offered; what does not fit together the act itself refuses."""

    taker = OneHat(
        label=_("Giao cho"), queryset=Assignment.objects.none(), empty_label=_("chọn người trong cơ quan")
    )
    kind = forms.ChoiceField(label=_("Hình thức"), choices=DelegationKind.choices, widget=RadioBoxes)
    roles = forms.MultipleChoiceField(label=_("Quyền được giao"), widget=CheckBoxes)
    document_no = forms.CharField(
        label=_("Số, ký hiệu văn bản giao quyền"), max_length=120, help_text=_("Ví dụ 12/GUQ-UBND")
    )
    valid_from = DateField(label=_("Từ ngày"))
    last_day = DateField(label=_("Đến hết ngày"))

    def __init__(self, *args: Any, giver: Assignment, covers_only: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        taker: Any = self.fields["taker"]
        taker.queryset = colleagues(giver, but=giver.person_id)
        kind: Any = self.fields["kind"]
        kind.choices = [(one.value, str(one.label).capitalize()) for one in DelegationKind]
        kind.widget.hints = {
            DelegationKind.MANDATE: _t("ký TUQ. người giao"),
            DelegationKind.ASSIGNED: _t("ký theo thể thức của người nhận"),
            DelegationKind.FOR_HEAD: _t("ký KT., chỉ giao cho cấp phó"),
            DelegationKind.BY_ORDER: _t("ký TL. người giao"),
            DelegationKind.DUTY_COVER: _t("trực thay khi vắng: chỉ xử lý, không ký, không đóng dấu"),
        }
        if covers_only:
            kind.choices = [one for one in kind.choices if one[0] == DelegationKind.DUTY_COVER]
            kind.initial = DelegationKind.DUTY_COVER
        today = timezone.localdate()
        held = {
            grant.role for grant in giver.grants.all() if grant.valid_to is None or grant.valid_to > today
        }
        able = held & (allowed_roles(DelegationKind.DUTY_COVER) if covers_only else allowed_roles(""))
        roles: Any = self.fields["roles"]
        roles.choices = [(one.value, rights.MEANS[one]) for one in rights.ORDER if one in able]
        roles.error_messages["required"] = _("Chọn ít nhất một quyền để giao.")
        self.fields["valid_from"].initial = today
        self.fields["last_day"].help_text = _t("Ví dụ 05/11/2026; dài nhất %(most)d ngày.") % {
            "most": settings.DELEGATION_MOST_DAYS
        }
        for scope in scopes.SCOPES.values():
            self.fields[f"scope_{scope.key}"] = forms.MultipleChoiceField(
                label=_t("Chỉ trong %(what)s") % {"what": scope.label},
                choices=scope.choices(),
                required=False,
                widget=ManyCheckBoxes,
                help_text=_t("Không chọn: mọi %(what)s.") % {"what": scope.label},
            )

    @property
    def scope(self) -> dict[str, list[str]]:
        return {key: self.cleaned_data[f"scope_{key}"] for key in scopes.SCOPES}


# --- emergencies ------------------------------------------------------------------------------------------


class BreakGlassForm(SpeakingForm):
    subject_type = forms.ChoiceField(label=_("Loại bản ghi"))
    code = forms.CharField(label=_("Mã"), max_length=60)
    reason = forms.CharField(
        label=_("Lý do"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Việc gì, ai yêu cầu, vì sao không chờ người có quyền được. Ít nhất 20 ký tự."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        doors = break_glass.DOORS
        kind: Any = self.fields["subject_type"]
        kind.choices = [(name, door.label) for name, door in doors.items()]
        if len(doors) == 1:
            kind.widget, kind.initial = forms.HiddenInput(), next(iter(doors))
            self.fields["code"].label = next(iter(doors.values())).hint

    def clean_reason(self) -> str:
        reason = " ".join(self.cleaned_data["reason"].split())
        if len(reason) < REASON_AT_LEAST:
            raise ValidationError(
                _t("Lý do mới có %(count)s ký tự; cần ít nhất %(least)s để người xem xét hiểu được.")
                % {"count": len(reason), "least": REASON_AT_LEAST}
            )
        return reason


class ReviewForm(SpeakingForm):
    is_justified = forms.ChoiceField(
        label=_("Kết luận"),
        choices=[("yes", _("Có căn cứ")), ("no", _("Không có căn cứ"))],
        widget=RadioBoxes,
    )
    note = forms.CharField(label=_("Ý kiến"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class DayForm(forms.Form):
    """«Vào ngày …» above a page that can look back."""

    ngay = DateField(
        label=_("Vào ngày"), required=False, help_text="", widget=DateWidget(attrs={"class": "input day"})
    )


def day_of(query: Any) -> tuple[DayForm, date]:
    """The day asked for; a day that cannot be read counts as today."""
    form = DayForm(query if query.get("ngay") else None)
    today = timezone.localdate()
    wanted = form.cleaned_data["ngay"] if form.is_bound and form.is_valid() else None
    day = wanted or today
    return DayForm(initial={"ngay": day}), day


def units_below(user: Any, *roles: Role) -> frozenset[int]:
    """Units of today on which these roles let act."""
    here = tree.today()
    return frozenset(unit for unit in user.units_as(*roles) if unit in here)
