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
