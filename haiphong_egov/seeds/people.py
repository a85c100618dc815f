"""Demo people: the staff of two communes and one department, an administrator, forty citizens, and their keys."""

import json
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import make_password

from haiphong_egov.seeds.invention import Invention, Someone
from org import crypto
from org.choices import AssignmentKind, IdentityLevel, Role
from org.models import Assignment, CitizenIdentity, Organization, Person, Position, RoleGrant, User
from signing import demo_pki
from signing.choices import KeyKind

DOMAIN = "demo.haiphong.example"
PASSWORD = "haiphong-demo"  # noqa: S105  (printed at the start of the demo; refused outside DEBUG)
PIN = "246810"
# Every member of staff has the same authenticator app; `manage.py demo_code` shows its code. Refused outside DEBUG.
TOTP_SECRET = "HAIPHONGDEMOHAIPHONGDEMOHAIPHONG"  # noqa: S105
SINCE = date(2025, 7, 1)
CITIZENS = 40
PROVEN_BY = "Bộ phận Một cửa, đối chiếu thẻ căn cước tại quầy"
ADMIN = f"quantri@{DOMAIN}"


@dataclass(frozen=True)
class Seat:
    """A post with its account: `email` before the @, roles as (role, unit on which it holds)."""

    email: str
    post: str
    unit: str
    roles: tuple[tuple[Role, str], ...]
    kind: AssignmentKind = AssignmentKind.PRIMARY
    female: bool | None = None


@dataclass
class Place:
    """An agency of the demo and the people who serve it, by what they do."""

    key: str
    agency: Organization
    counter: Organization
    counter_officers: list[User] = field(default_factory=list)
    heads: dict[int, User] = field(default_factory=dict)  # handling unit → head
    officers: dict[int, list[User]] = field(default_factory=dict)
    leaders: list[User] = field(default_factory=list)
    clerk: User | None = None


@dataclass
class Cast:
    """Everybody, for the cases to come."""

    places: dict[str, Place]
    citizens: list[tuple[User, Someone]]
    staff: dict[str, User]
    admin: User


def commune_seats(key: str, place: str, economy: str) -> list[Seat]:
    """Who works at a commune. `economy`: kt or kthtdt."""
    ubnd, vp, kt, vhxh, centre = (f"{stem}-{place}" for stem in ("ubnd", "vp", economy, "vhxh", "ttpvhcc"))
    seats = [
        Seat(f"chutich.{key}", "chu-tich", ubnd, ((Role.LEADER, ubnd),)),
        Seat(f"phochutich.{key}", "pho-chu-tich", ubnd, ((Role.LEADER, ubnd),)),
        Seat(f"motcua.{key}", "can-bo-mot-cua", centre, ((Role.COUNTER_OFFICER, centre),)),
        Seat(f"motcua2.{key}", "can-bo-mot-cua", centre, ((Role.COUNTER_OFFICER, centre),)),
        Seat(f"vanphong.{key}", "chanh-van-phong", vp, ((Role.UNIT_HEAD, vp),)),
        Seat(f"kinhte.{key}", "truong-phong", kt, ((Role.UNIT_HEAD, kt),)),
        Seat(f"vanxa.{key}", "truong-phong", vhxh, ((Role.UNIT_HEAD, vhxh),)),
        Seat(f"hotich.{key}", "tu-phap-ho-tich", vp, ((Role.CASE_OFFICER, vp),)),
        Seat(f"hotich2.{key}", "tu-phap-ho-tich", vp, ((Role.CASE_OFFICER, vp),)),
        Seat(f"diachinh.{key}", "chuyen-vien", kt, ((Role.CASE_OFFICER, kt),)),
        Seat(f"xahoi.{key}", "chuyen-vien", vhxh, ((Role.CASE_OFFICER, vhxh),)),
        Seat(f"vanthu.{key}", "van-thu", vp, ((Role.CLERK, ubnd),)),
        Seat(f"tochuc.{key}", "to-chuc-can-bo", vhxh, ((Role.HR_OFFICER, ubnd),)),
    ]
    if key == "nq":  # one person with two hats
        seats.append(
            Seat(
                f"vanxa.{key}",
                "giam-doc-ttpvhcc",
                centre,
                ((Role.COUNTER_OFFICER, centre),),
                AssignmentKind.CONCURRENT,
            )
        )
    return seats


def department_seats(key: str, agency: str, division: str) -> list[Seat]:
    """A department, and its counter at the city's centre."""
    return [
        Seat(f"giamdoc.{key}", "giam-doc-so", agency, ((Role.LEADER, agency),)),
        Seat(f"phogiamdoc.{key}", "pho-giam-doc-so", agency, ((Role.LEADER, agency),)),
        Seat(f"motcua.{key}", "can-bo-mot-cua", "ttpvhcc-tp", ((Role.COUNTER_OFFICER, "ttpvhcc-tp"),)),
        Seat(f"truongphong.{key}", "truong-phong", division, ((Role.UNIT_HEAD, division),)),
        Seat(f"chuyenvien.{key}", "chuyen-vien", division, ((Role.CASE_OFFICER, division),)),
        Seat(f"chuyenvien2.{key}", "chuyen-vien", division, ((Role.CASE_OFFICER, division),)),
        Seat(f"vanthu.{key}", "van-thu", agency, ((Role.CLERK, agency),)),
        Seat(f"tochuc.{key}", "to-chuc-can-bo", agency, ((Role.HR_OFFICER, agency),)),
    ]


PLACES: dict[str, tuple[str, str, list[Seat]]] = {
    "nq": (
        "ubnd-phuong-ngo-quyen",
        "ttpvhcc-phuong-ngo-quyen",
        commune_seats("nq", "phuong-ngo-quyen", "kthtdt"),
    ),
    "vb": ("ubnd-xa-vinh-bao", "ttpvhcc-xa-vinh-bao", commune_seats("vb", "xa-vinh-bao", "kt")),
    "stc": (
        "stc",
        "ttpvhcc-tp",
        [
            *department_seats("stc", "stc", "stc-dkkd"),
            # Answers citizens' requests about their data, for the whole city.
            Seat("dulieu.tp", "chuyen-vien", "ttpvhcc-tp", ((Role.UNIT_ADMIN, "ttpvhcc-tp"),)),
            # Reads the audit trail of the whole city.
            Seat("kiemtra.tp", "chuyen-vien", "tttp", ((Role.AUDITOR, "ubnd-tp"),)),
        ],
    ),
}

# Where the citizens live, with the name of the smallest part there.
HOMES = [("nq", "tổ dân phố", "phường Ngô Quyền"), ("vb", "thôn", "xã Vĩnh Bảo")]


# --- accounts ---------------------------------------------------------------------------------------------


def seed(invention: Invention) -> Cast:
    """Accounts, posts, roles, identities. Call inside `atomic`, on a database without them."""
    password = make_password(PASSWORD)  # hashed once: a hash apiece would take half a minute
    admin = User(
        email=ADMIN, full_name="Quản trị hệ thống", password=password, is_staff=True, is_superuser=True
    )
    admin.save()
    seats = [seat for _agency, _counter, own in PLACES.values() for seat in own]
    staff = _staff(seats, password, invention)
    _hats(seats, staff, admin)
    citizens = _citizens(password, invention)
    everybody = [admin, *staff.values(), *(user for user, _someone in citizens)]
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in everybody
    )
    give_second_factors()
    return Cast(_places(staff), citizens, staff, admin)


def more_staff(seats: list[Seat], password: str, invention: Invention, admin: User) -> dict[str, User]:
    """People who come after the cases were told, so that nobody in them changes."""
    staff = _staff(seats, password, invention)
    _hats(seats, staff, admin)
    return staff


def give_second_factors() -> int:
    """The demo's authenticator app for staff who have no second factor yet."""
    staff = User.objects.filter(email__endswith=f"@{DOMAIN}").exclude(email__startswith="congdan")
    without = staff.exclude(authenticator__type__in=[Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN])
    made = Authenticator.objects.bulk_create(
        Authenticator(user=user, type=Authenticator.Type.TOTP, data={"secret": crypto.seal(TOTP_SECRET)})
        for user in without
    )
    return len(made)


def recall() -> Cast:
    """The cast of an earlier run, without what only its invention knew."""
    staff = {user.email.split("@")[0]: user for user in User.objects.filter(email__endswith=f"@{DOMAIN}")}
    return Cast(_places(staff), [], staff, staff["quantri"])


def _staff(seats: list[Seat], password: str, invention: Invention) -> dict[str, User]:
    staff: dict[str, User] = {}
    people = []
    for seat in seats:
        if seat.email in staff:
            continue
        someone = invention.someone(born=(1968, 1998), female=seat.female)
        user = User(
            email=f"{seat.email}@{DOMAIN}",
            full_name=someone.full_name,
            phone=someone.phone,
            password=password,
        )
        staff[seat.email] = user
        people.append(Person(user=user, full_name=someone.full_name, work_phone=someone.phone))
    User.objects.bulk_create(staff.values())
    Person.objects.bulk_create(people)
    return staff


def _hats(seats: list[Seat], staff: dict[str, User], admin: User) -> None:
    slugs = {slug for seat in seats for slug in (seat.unit, *(unit for _role, unit in seat.roles))}
    units = {unit.slug: unit for unit in Organization.objects.filter(slug__in=slugs)}
    posts = {post.code: post for post in Position.objects.all()}
    hats = [
        Assignment(
            person=staff[seat.email].person,
            organization=units[seat.unit],
            position=posts[seat.post],
            kind=seat.kind,
            rank=0 if seat.kind == AssignmentKind.PRIMARY else 1,
            decision_no="(dữ liệu mẫu)",
            valid_from=SINCE,
        )
        for seat in seats
    ]
    Assignment.objects.bulk_create(hats)
    RoleGrant.objects.bulk_create(
        RoleGrant(
            assignment=hat,
            role=role,
            organization=units[slug],
            include_descendants=role == Role.AUDITOR,
            valid_from=SINCE,
            granted_by=admin,
        )
        for hat, seat in zip(hats, seats, strict=True)
        for role, slug in seat.roles
    )


def _slugs() -> set[str]:
    named = {slug for agency, counter, _seats in PLACES.values() for slug in (agency, counter)}
    return named | {
        slug
        for _agency, _counter, seats in PLACES.values()
        for seat in seats
        for slug in (seat.unit, *(unit for _role, unit in seat.roles))
    }


def _places(staff: dict[str, User]) -> dict[str, Place]:
    units = {
        unit.slug: unit
        for unit in Organization.objects.filter(slug__in=_slugs()).select_related("agency", "territory")
    }
    places = {}
    for key, (agency, counter, seats) in PLACES.items():
        place = Place(key, units[agency], units[counter])
        for seat in seats:
            for role, slug in seat.roles:
                _seat_in(place, role, units[slug].pk, staff[seat.email], seat.kind)
        places[key] = place
    return places


def _seat_in(place: Place, role: Role, unit_id: int, user: User, kind: AssignmentKind) -> None:
    if kind != AssignmentKind.PRIMARY:
        return  # acts of the demo's history are all done in the first hat
    if role == Role.COUNTER_OFFICER:
        place.counter_officers.append(user)
    elif role == Role.UNIT_HEAD:
        place.heads[unit_id] = user
    elif role == Role.CASE_OFFICER:
        place.officers.setdefault(unit_id, []).append(user)
    elif role == Role.LEADER:
        place.leaders.append(user)
    elif role == Role.CLERK:
        place.clerk = user


def _citizens(password: str, invention: Invention) -> list[tuple[User, Someone]]:
    cast = []
    for number in range(1, CITIZENS + 1):
        # The first ones are the parents of small children, for whom the walk is made.
        someone = invention.someone(born=(1985, 1999) if number <= 12 else (1952, 2005))
        user = User(
            email=f"congdan{number}@{DOMAIN}",
            full_name=someone.full_name,
            phone=someone.phone,
            password=password,
        )
        cast.append((user, someone))
    User.objects.bulk_create(user for user, _someone in cast)
    identities = []
    for index, (user, someone) in enumerate(cast):
        _key, part, place = HOMES[home_of(index)]
        street = f"Số {invention.rng.randint(1, 180)}, " if part == "tổ dân phố" else ""
        address = f"{street}{part} {invention.rng.randint(1, 12)}, {place}, Hải Phòng"
        identity = CitizenIdentity(
            user=user,
            birth_on=someone.birth_on,
            address=address[:1].upper() + address[1:],
            level=IdentityLevel.PROVEN,
            proven_by=PROVEN_BY,
            proven_at=user.date_joined,  # the account was opened at the counter, with the card on the table
        )
        identity.number = someone.number
        identities.append(identity)
    unproven = identities[-1]  # somebody whose number nobody has checked yet
    unproven.level, unproven.proven_by, unproven.proven_at = IdentityLevel.DECLARED, "", None
    CitizenIdentity.objects.bulk_create(identities)
    return cast


def home_of(index: int) -> int:
    """Three of five citizens live in the ward."""
    return 0 if index % 5 < 3 else 1


# --- keys -------------------------------------------------------------------------------------------------


def issue_keys(cast: Cast) -> int:
    """A personal key for each leader, the agency's seal with its clerk, a system seal for each counter."""
    demo_pki.prepare()
    issued = 0
    for place in cast.places.values():
        for leader in place.leaders:
            demo_pki.issue_demo_key(owner_user=leader, kind=KeyKind.PERSONAL, pin=PIN)
        holders = [place.clerk] if place.clerk else []
        demo_pki.issue_demo_key(owner_organization=place.agency, kind=KeyKind.SEAL, pin=PIN, holders=holders)
        demo_pki.issue_demo_key(owner_organization=place.counter, kind=KeyKind.SYSTEM)
        issued += len(place.leaders) + 2
    return issued


# --- who can try what -------------------------------------------------------------------------------------

WALK: list[tuple[str, str]] = [
    ("congdan1", "Tìm «khai sinh», điền tờ khai từng bước, nộp, xem giấy hẹn"),
    ("motcua.nq", "Kiểm tra giấy tờ, tiếp nhận, yêu cầu bổ sung, từ chối, nhập hồ sơ giấy, trả kết quả"),
    ("vanphong.nq", "Phân công hồ sơ hộ tịch; ký hộ tịch thừa ủy quyền Chủ tịch (PIN)"),
    ("hotich.nq", "Thẩm định, soạn kết quả, trình ký"),
    ("chutich.nq", "Đọc hồ sơ, duyệt và ký số (PIN)"),
    ("vanthu.nq", "Đóng dấu số của UBND phường, phát hành (PIN)"),
    ("congdan2", "Tải kết quả đã ký số, đánh giá, kiểm tra chữ ký"),
    ("congdan3", "Gửi giấy tờ bổ sung cho hồ sơ đang tạm dừng"),
    ("phochutich.nq", "Ký thay Chủ tịch (PIN)"),
    ("vanxa.nq", "Hai chức vụ: đổi giữa Trưởng phòng và Giám đốc Trung tâm"),
    ("kinhte.nq", "Phân công hồ sơ đất đai, xây dựng, kinh doanh"),
    ("diachinh.nq", "Thẩm định hồ sơ đất đai, xây dựng, kinh doanh"),
    ("xahoi.nq", "Thẩm định hồ sơ bảo trợ xã hội"),
    ("tochuc.nq", "Công chức tổ chức cán bộ: bàn làm việc của phường"),
    ("motcua.vb", "Một cửa xã Vĩnh Bảo"),
    ("hotich.vb", "Thẩm định hồ sơ hộ tịch của xã"),
    ("chutich.vb", "Ký số cho xã (PIN)"),
    ("vanthu.vb", "Đóng dấu số của UBND xã (PIN)"),
    ("vanphong.vb", "Phân công, làm việc theo văn bản đến của xã (/lam-viec/van-ban/)"),
    ("motcua.stc", "Nhận hồ sơ đăng ký doanh nghiệp tại Trung tâm thành phố"),
    ("chuyenvien.stc", "Thẩm định hồ sơ của Sở Tài chính"),
    ("truongphong.stc", "Giao việc trong phòng, duyệt gia hạn, xác nhận kết quả (/lam-viec/van-ban/)"),
    ("giamdoc.stc", "Ký số cho Sở Tài chính (PIN); cho ý kiến chỉ đạo văn bản đến"),
    ("vanthu.stc", "Đóng dấu số của Sở (PIN)"),
    ("dulieu.tp", "Trả lời yêu cầu sửa, xóa dữ liệu cá nhân của người dân"),
    ("quantri.nq", "Quản trị đơn vị: nhân sự, cấp quyền, đề nghị quyền mạnh (hai người)"),
    ("kiemtra.nq", "Người kiểm tra: nhật ký, xem xét truy cập khẩn"),
    ("kiemtra.tp", "Nhật ký toàn thành phố: lọc, trích, tải chứng minh (/lam-viec/nhat-ky/)"),
    ("vanthu.tp", "Văn thư UBND thành phố: gửi tới 114 xã, phường, đặc khu; ai chưa mở (/lam-viec/van-ban/)"),
    ("chutich.tp", "Ký văn bản của UBND thành phố (PIN)"),
    ("chuyenvien.tp", "Soạn văn bản của Văn phòng UBND thành phố; tìm văn bản (/lam-viec/van-ban/tim/)"),
    ("sapxep.tp", "Sắp xếp tổ chức: soạn phương án, chạy thử, việc còn lại (/lam-viec/sap-xep/)"),
    ("lanhdao.tp", "Duyệt phương án sắp xếp tổ chức (người thứ hai)"),
    ("quantri", "Trang quản trị /quan-tri/: danh mục, lịch nghỉ, thủ tục"),
]
SIGNS = ("vanphong.nq", "chutich.", "phochutich.", "giamdoc.", "phogiamdoc.", "vanthu.")


def write_list(path: Path) -> int:
    """DATA_DIR/demo_people.json, in the order of the walk."""
    users = {
        user.email.split("@")[0]: user
        for user in User.objects.filter(email__in=[f"{name}@{DOMAIN}" for name, _tries in WALK])
    }
    rows = [_row(users[name], name, tries) for name, tries in WALK]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return len(rows)


def write_identities(path: Path) -> int:
    """DATA_DIR/demo_identities.json: citizens whom the simulated identity provider knows, in its own words."""
    names = {"congdan1": "có hồ sơ", "congdan2": "có kết quả", "congdan3": "chờ bổ sung"}
    names[f"congdan{CITIZENS}"] = "tài khoản mới tự khai số này"
    rows = []
    for name, note in names.items():
        user = User.objects.select_related("identity").get(email=f"{name}@{DOMAIN}")
        rows.append(
            {
                "sub": f"vn-{name}",
                "name": user.full_name,
                "national_id": user.identity.number,
                "birthdate": user.identity.birth_on.isoformat(),
                "address": user.identity.address,
                "phone_number": user.phone,
                "note": f"{name}: {note}",
            }
        )
    path.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    path.chmod(0o600)  # numbers in full, invented as they are
    return len(rows)


def _row(user: User, name: str, tries: str) -> dict[str, Any]:
    hats = user.hats
    posts = "; ".join(hat.position.title for hat in hats)
    return {
        "email": user.email,
        "password": PASSWORD,
        "pin": PIN if name.startswith(SIGNS) else "",
        "totp_secret": TOTP_SECRET if hats or user.is_staff else "",
        "name": user.full_name,
        "post": posts or ("Quản trị" if user.is_staff else "Công dân"),
        "unit": hats[0].organization.name if hats else "",
        "can_try": tries,
    }
