"""Kinds of units, posts and roles."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class UnitKind(models.TextChoices):
    CITY = "thanh_pho", _("thành phố trực thuộc trung ương")
    PROVINCE = "tinh", _("tỉnh")
    DISTRICT_CITY = "thanh_pho_thuoc_tinh", _("thành phố (cấp huyện)")
    URBAN_DISTRICT = "quan", _("quận")
    TOWN = "thi_xa", _("thị xã")
    DISTRICT = "huyen", _("huyện")
    WARD = "phuong", _("phường")
    COMMUNE = "xa", _("xã")
    TOWNSHIP = "thi_tran", _("thị trấn")
    SPECIAL_ZONE = "dac_khu", _("đặc khu")


class OrganizationKind(models.TextChoices):
    """domain/organisation.md §4."""

    COUNCIL = "hdnd", _("Hội đồng nhân dân")
    COMMITTEE = "ubnd", _("Ủy ban nhân dân")
    OFFICE = "van_phong", _("Văn phòng")
    DEPARTMENT = "so", _("Sở")
    INSPECTORATE = "thanh_tra", _("Thanh tra")
    MANAGEMENT_BOARD = "ban_quan_ly", _("Ban quản lý")
    SUBDEPARTMENT = "chi_cuc", _("Chi cục")
    DIVISION = "phong", _("Phòng")
    ADMIN_UNIT = "don_vi_hanh_chinh", _("Đơn vị hành chính")
    PUBLIC_SERVICE = "don_vi_su_nghiep", _("Đơn vị sự nghiệp công lập")
    VERTICAL = "nganh_doc", _("Cơ quan ngành dọc")
    PARTY = "dang", _("Cơ quan đảng")
    FRONT = "mttq", _("Mặt trận Tổ quốc")


class Role(models.TextChoices):
    """What a hat lets a person do on a unit. Shown to administrators only."""

    COUNTER_OFFICER = "counter_officer", _("Cán bộ tiếp nhận và trả kết quả")
    CASE_OFFICER = "case_officer", _("Công chức thụ lý")
    UNIT_HEAD = "unit_head", _("Người đứng đầu đơn vị thụ lý")
    LEADER = "leader", _("Lãnh đạo cơ quan")
    CLERK = "clerk", _("Văn thư")
    HR_OFFICER = "hr_officer", _("Công chức tổ chức cán bộ")
    UNIT_ADMIN = "unit_admin", _("Quản trị đơn vị")
    REORGANISER = "reorganiser", _("Công chức sắp xếp tổ chức")
    AUDITOR = "auditor", _("Người kiểm tra nhật ký")


# What a stand-in may do for a colleague on leave: handle, never sign or seal (domain/organisation.md §7).
HANDLING = frozenset({Role.COUNTER_OFFICER, Role.CASE_OFFICER, Role.UNIT_HEAD})
# What may be handed over in writing for a while. Rights over rights, over units and over the trail never are.
DELEGABLE = HANDLING | {Role.LEADER, Role.CLERK, Role.HR_OFFICER}
# Whoever grants one of these does not do it alone: a second person confirms (grants roles ≠ approves grants).
POWERFUL = frozenset({Role.LEADER, Role.CLERK, Role.UNIT_ADMIN, Role.AUDITOR, Role.REORGANISER})


class IdentityLevel(models.IntegerChoices):
    """How sure we are that the number belongs to whoever uses the account."""

    NONE = 0, _("chưa khai số định danh")
    DECLARED = 1, _("tự khai, chưa xác minh")
    PROVEN = 2, _("đã xác minh")
    STRONG = 3, _("đã xác minh ở mức cao")


class AssignmentKind(models.TextChoices):
    PRIMARY = "primary", _("chính")
    CONCURRENT = "concurrent", _("kiêm nhiệm")
    ACTING = "acting", _("quyền, phụ trách")
    SECONDMENT = "secondment", _("biệt phái")


class SignsAs(models.TextChoices):
    """Signature forms of NĐ 30/2020/NĐ-CP (domain/organisation.md §7)."""

    NONE = "", _("không ký văn bản")
    DIRECT = "direct", _("ký trực tiếp")
    FOR_COLLECTIVE = "TM", _("thay mặt (TM.)")
    FOR_HEAD = "KT", _("ký thay (KT.)")
    BY_ORDER = "TL", _("thừa lệnh (TL.)")


class DelegationKind(models.TextChoices):
    """domain/organisation.md §3, §7. Duty cover handles, it never signs."""

    MANDATE = "uy_quyen", _("ủy quyền")
    ASSIGNED = "phan_cong", _("phân công")
    FOR_HEAD = "ky_thay", _("ký thay")
    BY_ORDER = "thua_lenh", _("thừa lệnh")
    DUTY_COVER = "phan_cong_truc", _("phân công trực")


class IdentifierScheme(models.TextChoices):
    """domain/organisation.md §3, §8."""

    QD20 = "qd20_2020", _("QĐ 20/2020/QĐ-TTg")
    QCVN102 = "qcvn102", _("QCVN 102:2016/BTTTT")
    TAX = "tax", _("mã số thuế")
    BUDGET = "budget", _("mã quan hệ ngân sách")
    AXIS = "vietnam_axis_pid", _("mã trên trục liên thông")
    PORTAL = "portal_agency", _("mã cơ quan trên Cổng Dịch vụ công quốc gia")
    CERTIFICATE = "esign_cert", _("số chứng thư số")


class SuccessionRelation(models.TextChoices):
    """domain/organisation.md §5."""

    MERGE = "merge", _("hợp nhất, sáp nhập")
    SPLIT = "split", _("chia, tách")
    ABSORB = "absorb", _("nhập vào")
    RENAME = "rename", _("đổi tên")
    UPGRADE = "upgrade_type", _("đổi loại đơn vị")
    TRANSFER_PARENT = "transfer_parent", _("chuyển cơ quan quản lý")
    FUNCTIONS_TO = "dissolve_functions_to", _("giải thể, chuyển chức năng")
    NONE = "dissolve_no_successor", _("giải thể, không có đơn vị kế thừa")
    RESTORE = "restore", _("lập lại")


class SuccessionShare(models.TextChoices):
    WHOLE = "whole", _("toàn bộ")
    PART = "part", _("một phần")
    FUNCTION = "function", _("theo chức năng")


class RestructuringStatus(models.TextChoices):
    """Of a batch: nothing moves before a second person has approved what the dry run showed."""

    DRAFT = "draft", _("Đang soạn")
    CHECKED = "checked", _("Đã chạy thử")
    APPROVED = "approved", _("Đã duyệt, chờ áp dụng")
    APPLIED = "applied", _("Đã áp dụng")
    CLOSED = "closed", _("Đã kết thúc")
    WITHDRAWN = "withdrawn", _("Đã rút")


class StepKind(models.TextChoices):
    MERGE = "merge", _("hợp nhất, sáp nhập")
    SPLIT = "split", _("chia, tách")
    RENAME = "rename", _("đổi tên")
    DISSOLVE = "dissolve", _("giải thể")
    TRANSFER = "transfer", _("chuyển chức năng")
    CHANGE_PARENT = "change_parent", _("chuyển cơ quan quản lý")
    RESTORE = "restore", _("lập lại")


class LeftoverKind(models.TextChoices):
    CASE = "case", _("hồ sơ")
    HANDLER = "handler", _("người thụ lý")
    PERSON = "person", _("nhân sự")
    ROLE = "role", _("quyền")
    KEY = "key", _("chứng thư số")
    DOCUMENT = "document", _("văn bản")


class DataRequestKind(models.TextChoices):
    CORRECTION = "correction", _("yêu cầu sửa dữ liệu")
    DELETION = "deletion", _("yêu cầu xóa dữ liệu")


class DataRequestStatus(models.TextChoices):
    SUBMITTED = "submitted", _("chờ tiếp nhận")
    IN_HAND = "in_hand", _("đang xem xét")
    FULFILLED = "fulfilled", _("đã thực hiện")
    REFUSED = "refused", _("không thực hiện")
    WITHDRAWN = "withdrawn", _("đã rút")


OPEN_REQUESTS = {DataRequestStatus.SUBMITTED, DataRequestStatus.IN_HAND}
