"""The pages of rights, people, delegations and emergencies, through their doors."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from core.models import AuditEvent
from onecase.choices import BusinessStatus as S
from org import scopes
from org.choices import AssignmentKind, DelegationKind, Role
from org.models import Assignment, BreakGlass, Delegation, GrantRequest, Person, Position, RoleGrant, User
from tests import factories as make

pytestmark = pytest.mark.django_db
REASON = "Cổng báo lỗi tệp, người dân đang chờ tại quầy"


def said(day):
    return f"{day:%d/%m/%Y}"


@pytest.fixture
def world():
    made = make.commune()
    made.admin = make.administrator(made.ubnd, "Ngô Quang Trị")
    made.second = make.administrator(made.ubnd, "Lý Thị Duyệt")
    made.newcomer = make.hat("Bùi Văn Mới", made.office, "Chuyên viên")
    made.root = make.user("Quản trị hệ thống", is_staff=True, is_superuser=True)
    made.post = Position.objects.get_or_create(code="thu-chuyen-vien", defaults={"title": "Chuyên viên"})[0]
    made.today = timezone.localdate()
    return made


def sign_in(client, user):
    client.force_login(user)
    return client


def text_of(answer):
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


# --- who may do what here, also then ----------------------------------------------------------------------


def test_the_unit_page_says_who_why_since_when_and_by_whom(world, client):
    RoleGrant.objects.filter(assignment=world.leader.hat).update(granted_by=world.admin)
    make.delegation(world.leader, world.newcomer, Role.LEADER, scope={"fields": ["Hộ tịch"]})
    page = text_of(sign_in(client, world.clerk).get(reverse("org:unit_rights", args=[world.ubnd.slug])))
    for words in (
        "Đặng Thu Phương",
        "Ngô Quang Trị",
        "ủy quyền của Đặng Thu Phương, theo 12/GUQ-UBND",
        "Bùi Văn Mới",
    ):
        assert words in page
    below = text_of(client.get(reverse("org:unit_rights", args=[world.office.slug])))
    assert "và các đơn vị trực thuộc" in below  # the administrators of the UBND
    assert "Thu hồi…" not in below


def test_who_could_sign_on_a_day_that_is_past(world, client):
    """§10: answered from the tables alone, though posts, roles and delegations have ended since."""
    past = world.today - timedelta(days=30)
    old = make.hat("Vũ Đình Cũ", world.ubnd, "Chủ tịch cũ", Role.LEADER)
    make.delegation(
        old,
        world.newcomer,
        Role.LEADER,
        valid_from=past - timedelta(days=5),
        valid_to=past + timedelta(days=5),
    )
    Assignment.objects.filter(pk=old.hat.pk).update(valid_to=world.today - timedelta(days=20))
    RoleGrant.objects.filter(assignment=old.hat).update(valid_to=world.today - timedelta(days=20))
    address = reverse("org:unit_rights", args=[world.ubnd.slug])
    now = text_of(sign_in(client, world.clerk).get(address))
    assert "Vũ Đình Cũ" not in now
    then = text_of(client.get(address, {"ngay": said(past)}))
    assert "Vũ Đình Cũ" in then and "ủy quyền của Vũ Đình Cũ" in then
    assert "Vũ Đình Cũ" not in text_of(client.get(address, {"ngay": said(world.today - timedelta(days=20))}))
    assert text_of(client.get(address, {"ngay": "32/13/2025"}))


def test_a_revoked_delegation_counts_up_to_its_revocation(world, client):
    day = world.today - timedelta(days=3)
    made = make.delegation(
        world.leader, world.newcomer, Role.LEADER, valid_from=world.today - timedelta(days=9)
    )
    Delegation.objects.filter(pk=made.pk).update(
        revoked_at=timezone.now() - timedelta(days=2), revoked_by=world.leader
    )
    assert Delegation.objects.in_force(day).exists()
    assert not Delegation.objects.in_force(world.today).exists()


def test_the_list_of_rights_costs_the_same_for_one_and_for_many(world, client, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    address = reverse("org:unit_rights", args=[world.office.slug])
    sign_in(client, world.clerk).get(address)
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(address)
    for number in range(20):
        make.hat(f"Người Thứ {number}", world.office, f"Chuyên viên {number}", Role.CASE_OFFICER)
    with CaptureQueriesContext(connection) as many:
        client.get(address)
    assert len(many) == len(few)


def test_my_page_says_what_i_may_and_why(world, client):
    make.delegation(world.leader, world.newcomer, Role.LEADER)
    page = text_of(sign_in(client, world.newcomer).get("/lam-viec/quyen/"))
    assert "Ký, phê duyệt" in page and "ủy quyền của Đặng Thu Phương" in page
    assert "Chuyên viên · " in page
    assert client.get("/lam-viec/quyen/cho-duyet/").status_code == 200


def test_strangers_stay_out(world, client):
    for path in ("/lam-viec/quyen/", "/lam-viec/uy-quyen/", "/lam-viec/nhan-su/", "/lam-viec/truy-cap-khan/"):
        assert client.get(path).status_code == 302
        assert sign_in(client, make.citizen()).get(path).status_code in {403, 404}
        client.logout()
    sign_in(client, world.case_officer)
    for path in (
        "/lam-viec/nhan-su/",
        "/lam-viec/nhan-su/them/",
        reverse("org:person", args=[world.clerk.person.pk]),
        reverse("org:end_post", args=[world.clerk.hat.pk]),
        reverse("org:grant_role", args=[world.clerk.hat.pk]),
        reverse("org:delegate", args=[world.clerk.hat.pk]),
        "/lam-viec/truy-cap-khan/",
        "/lam-viec/truy-cap-khan/mo/",
    ):
        assert client.get(path).status_code == 404, path


# --- granting ---------------------------------------------------------------------------------------------


def grant_form(world, **more):
    return {
        "role": Role.CASE_OFFICER,
        "organization": world.office.pk,
        "valid_from": said(world.today),
        "reason": "phân công nhiệm vụ",
        **more,
    }


def test_granting_asking_and_deciding_in_the_browser(world, client):
    address = reverse("org:grant_role", args=[world.newcomer.hat.pk])
    sign_in(client, world.admin)
    assert "chờ người thứ hai duyệt" in text_of(client.get(address))
    assert "Đã cấp quyền" in text_of(client.post(address, grant_form(world), follow=True))
    again = client.post(address, grant_form(world))
    assert "đã có quyền đó" in text_of(again)
    asked = client.post(address, grant_form(world, role=Role.CLERK, organization=world.ubnd.pk), follow=True)
    assert "Đã gửi đề nghị" in text_of(asked)
    request = GrantRequest.objects.get()
    decide = reverse("org:decide_role", args=[request.pk])
    assert client.post(decide, {"quyet": "duyet"}).status_code == 404  # his own
    sign_in(client, world.second)
    assert "Bùi Văn Mới" in text_of(client.get("/lam-viec/quyen/cho-duyet/"))
    assert "Nêu lý do" in text_of(client.post(decide, {"quyet": "khong"}, follow=True))
    assert "quyền có hiệu lực" in text_of(client.post(decide, {"quyet": "duyet"}, follow=True))
    assert make.again(world.newcomer).holds(Role.CLERK)
    end = reverse(
        "org:end_grant",
        args=[RoleGrant.objects.get(assignment=world.newcomer.hat, role=Role.CASE_OFFICER).pk],
    )
    assert "Đã thu hồi" in text_of(client.post(end, {"reason": "thôi việc"}, follow=True))
    assert not make.again(world.newcomer).holds(Role.CASE_OFFICER)


@pytest.mark.one_factor
def test_rights_need_a_second_factor(world, client):
    sign_in(client, world.admin)
    for path in (
        reverse("org:grant_role", args=[world.newcomer.hat.pk]),
        reverse("org:end_post", args=[world.newcomer.hat.pk]),
        reverse("org:add_person"),
    ):
        answer = client.post(path, grant_form(world))
        assert answer.status_code == 302
    assert not RoleGrant.objects.filter(assignment=world.newcomer.hat).exists()


# --- people -----------------------------------------------------------------------------------------------


def test_the_list_of_people_is_of_ones_own_units(world, client):
    other = make.commune("phường Khác")
    page = text_of(sign_in(client, world.admin).get("/lam-viec/nhan-su/"))
    assert "Bùi Văn Mới" in page
    assert text_of(client.get("/lam-viec/nhan-su/", {"q": "moi bui"})).count("data-row") == 1
    assert client.get(reverse("org:person", args=[other.clerk.person.pk])).status_code == 404
    assert client.post(reverse("org:end_post", args=[other.clerk.hat.pk])).status_code == 404


def test_taking_on_appointing_moving_and_leaving_in_the_browser(world, client):
    sign_in(client, world.admin)
    post = {
        "organization": world.office.pk,
        "position": world.post.pk,
        "kind": AssignmentKind.PRIMARY,
        "valid_from": said(world.today),
        "decision_no": "40/QĐ-UBND",
    }
    answer = client.post(
        reverse("org:add_person"),
        {**post, "full_name": "Lâm Văn Tân", "email": "tan@haiphong.gov.vn"},
        follow=True,
    )
    assert "Đã thêm Lâm Văn Tân" in text_of(answer)
    account = User.objects.get(email="tan@haiphong.gov.vn")
    assert account.hat and not account.has_usable_password()
    person = Person.objects.get(user=account)
    page = text_of(client.get(reverse("org:person", args=[person.pk])))
    assert "40/QĐ-UBND" in page and "Điều động…" in page
    second = {**post, "kind": AssignmentKind.CONCURRENT, "organization": world.counter.pk}
    assert "Đã ghi chức vụ" in text_of(
        client.post(reverse("org:appoint", args=[person.pk]), second, follow=True)
    )
    first = person.assignments.get(kind=AssignmentKind.PRIMARY)
    moved = client.post(
        reverse("org:change_post", args=[first.pk]),
        {**post, "organization": world.ubnd.pk, "on": said(world.today), "reason": "theo nhu cầu"},
        follow=True,
    )
    assert "Đã điều động" in text_of(moved)
    kept = person.assignments.get(kind=AssignmentKind.CONCURRENT)
    ended = client.post(
        reverse("org:end_post", args=[kept.pk]),
        {"on": said(world.today + timedelta(days=4)), "reason": "hết việc"},
        follow=True,
    )
    assert "Đến ngày" in text_of(ended)
    gone = client.post(
        reverse("org:end_service", args=[person.pk]),
        {"on": said(world.today), "reason": "nghỉ hưu", "closes_account": "on"},
        follow=True,
    )
    assert "Đã kết thúc chức vụ" in text_of(gone)
    account.refresh_from_db()
    assert (make.again(account).hats, account.is_active) == ([], False)


def test_what_is_wrong_stays_in_the_form(world, client):
    sign_in(client, world.admin)
    answer = client.post(
        reverse("org:end_post", args=[world.newcomer.hat.pk]), {"on": "31/02/2027", "reason": "hết hạn"}
    )
    page = text_of(answer)
    assert "31/02/2027" in page and "hết hạn" in page
    own = client.post(
        reverse("org:end_post", args=[world.admin.hat.pk]), {"on": said(world.today), "reason": "x"}
    )
    assert "người quản trị khác" in text_of(own)


# --- delegations ------------------------------------------------------------------------------------------


def test_the_scope_is_chosen_in_boxes_that_a_finger_can_tick(world, client):
    """List boxes that want the Ctrl key cannot be used on a telephone."""
    procedure = make.case(world).procedure
    sign_in(client, world.leader)
    address = reverse("org:delegate", args=[world.leader.hat.pk])
    page = text_of(client.get(address))
    assert "Ctrl" not in page and "multiple" not in page
    assert f'type="checkbox" name="scope_procedures" value="{procedure.code}"' in page
    assert page.count("choices-long") == len(scopes.SCOPES)
    wanted = {
        "taker": world.newcomer.hat.pk,
        "kind": DelegationKind.MANDATE,
        "roles": [Role.LEADER],
        "document_no": "12/GUQ-UBND",
        "valid_from": said(world.today),
        "scope_procedures": [procedure.code],
    }
    late = client.post(address, {**wanted, "last_day": said(world.today + timedelta(days=36500))})
    assert "dài nhất 366 ngày" in text_of(late) and "checked" in text_of(late)
    client.post(address, {**wanted, "last_day": said(world.today + timedelta(days=9))})
    assert Delegation.objects.get().scope == {"procedures": [procedure.code]}


def test_giving_standing_in_and_revoking_in_the_browser(world, client):
    sign_in(client, world.leader)
    address = reverse("org:delegate", args=[world.leader.hat.pk])
    assert "Chỉ trong lĩnh vực" in text_of(client.get(address))
    wanted = {
        "taker": world.newcomer.hat.pk,
        "kind": DelegationKind.MANDATE,
        "roles": [Role.LEADER],
        "document_no": "12/GUQ-UBND",
        "valid_from": said(world.today),
        "last_day": said(world.today + timedelta(days=9)),
    }
    refused = client.post(address, {**wanted, "kind": DelegationKind.DUTY_COVER})
    assert "không để ký" in text_of(refused)
    assert "Đã giao quyền" in text_of(client.post(address, wanted, follow=True))
    made = Delegation.objects.get()
    case = make.case(world, S.AWAITING_APPROVAL)

    sign_in(client, world.newcomer)
    bar = text_of(client.get("/lam-viec/quyen/"))
    assert "Ủy quyền đang nhận" in bar and "Thay Đặng Thu Phương" in bar and "/ho-so/" in bar
    stood = text_of(client.post(reverse("org:stand_in"), {"uy-quyen": made.pk}, follow=True))
    assert "Đang làm việc thay Đặng Thu Phương" in stood and "hat-for" in stood
    assert AuditEvent.objects.get(event="user.stand_in").actor == world.newcomer
    assert text_of(client.get(f"/lam-viec/ho-so/{case.code}/"))

    sign_in(client, world.leader)
    revoke = reverse("org:revoke_delegation", args=[made.pk])
    assert "Đã thu hồi" in text_of(client.post(revoke, {"reason": "về sớm"}, follow=True))
    assert "đã thu hồi" in text_of(client.get("/lam-viec/uy-quyen/"))


def test_a_stand_in_whose_power_ends_falls_back_to_himself(world, client):
    made = make.delegation(world.leader, world.newcomer, Role.LEADER)
    case = make.case(world, S.AWAITING_APPROVAL)
    sign_in(client, world.newcomer).post(reverse("org:stand_in"), {"uy-quyen": made.pk})
    assert client.get(f"/lam-viec/ho-so/{case.code}/").status_code == 200
    Delegation.objects.filter(pk=made.pk).update(revoked_at=timezone.now(), revoked_by=world.leader)
    assert client.get(f"/lam-viec/ho-so/{case.code}/").status_code == 404
    sign_in(client, world.newcomer)
    assert "hết hiệu lực" in text_of(client.post(reverse("org:stand_in"), {"uy-quyen": made.pk}, follow=True))


def test_going_back_to_ones_own_hat_ends_standing_in(world, client):
    made = make.delegation(
        world.case_officer, world.newcomer, Role.CASE_OFFICER, kind=DelegationKind.DUTY_COVER
    )
    sign_in(client, world.newcomer).post(reverse("org:stand_in"), {"uy-quyen": made.pk})
    assert "hat-for" in text_of(client.get("/lam-viec/quyen/"))
    client.post(reverse("org:switch_hat"), {"hat": world.newcomer.hat.pk})
    assert "hat-for" not in text_of(client.get("/lam-viec/quyen/"))


def test_a_head_orders_leave_cover(world, client):
    sign_in(client, world.unit_head)
    assert "Nguyễn Thị Lan" in text_of(client.get(reverse("org:leave_cover")))
    address = reverse("org:delegate", args=[world.case_officer.hat.pk])
    page = text_of(client.get(address))
    assert "Phân công trực thay" in page and "ký TUQ." not in page
    client.post(
        address,
        {
            "taker": world.newcomer.hat.pk,
            "kind": DelegationKind.DUTY_COVER,
            "roles": [Role.CASE_OFFICER],
            "document_no": "3/LPC",
            "valid_from": said(world.today),
            "last_day": said(world.today),
        },
    )
    assert make.again(world.newcomer).serves_as(Role.CASE_OFFICER, world.office.pk)


# --- emergencies ------------------------------------------------------------------------------------------


def test_opening_and_judging_in_the_browser(world, client):
    case = make.case(world, S.APPRAISING)
    sign_in(client, world.root)
    assert "Mở khẩn" in text_of(client.get("/lam-viec/truy-cap-khan/"))
    address = reverse("org:open_record")
    short = client.post(address, {"subject_type": "onecase.case", "code": case.code, "reason": "xem thử"})
    assert "Lý do mới có 7 ký tự" in text_of(short)
    wrong = client.post(address, {"subject_type": "onecase.case", "code": "31.99-x", "reason": REASON})
    assert "Không có bản ghi nào" in text_of(wrong)
    opened = client.post(
        address, {"subject_type": "onecase.case", "code": case.code, "reason": REASON}, follow=True
    )
    assert "quyền truy cập khẩn" in text_of(opened)
    assert case.code in text_of(client.get("/lam-viec/truy-cap-khan/"))
    row = BreakGlass.objects.get()
    BreakGlass.objects.filter(pk=row.pk).update(opened_at=timezone.now() - timedelta(days=4))
    judge = reverse("org:review_opening", args=[row.pk])
    assert client.get(judge).status_code == 404
    sign_in(client, world.unit_head)
    assert "quá hạn xem xét" in text_of(client.get("/lam-viec/truy-cap-khan/"))
    assert "Đã ghi kết luận" in text_of(
        client.post(judge, {"is_justified": "yes", "note": "đúng quy trình"}, follow=True)
    )
    assert "đúng quy trình" in text_of(client.get("/lam-viec/truy-cap-khan/"))
