"""Signing in as a city's people do: an app, a passkey alone, a key as second factor, a spare code, a mobile number.

Every page on the way is looked at by axe, on a desk and on a telephone.
"""

import dataclasses
import re
import secrets
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.conftest import DESK, PHONE, Person, Stack, Visitor
from tests.e2e.device import USB_KEY, Device

Come = Callable[..., Visitor]
SCREENS = pytest.mark.parametrize("screen", [DESK, PHONE], ids=["1440", "375"])
LOGIN = "/tai-khoan/login/"
FACTORS = "/tai-khoan/2fa/"
NEW = "bon con vit bau boi ao"


@pytest.fixture
def named(visitor: Come, stack: Stack) -> Come:
    """Visitors who open the portal by a name: browsers tie passkeys to names, not to addresses in figures."""

    def come(screen: dict[str, Any]) -> Visitor:
        guest = visitor(screen)
        guest.stack = dataclasses.replace(stack, address=stack.address.replace("127.0.0.1", "localhost"))
        return guest

    return come


def type_password(guest: Visitor, person: Person) -> None:
    guest.go(LOGIN)
    guest.fill(login=person.email, password=person.password)
    guest.press("Đăng nhập", exact=True)


def comes_in(guest: Visitor, person: Person, stack: Stack) -> None:
    type_password(guest, person)
    guest.arrives("/tai-khoan/2fa/authenticate/")
    guest.fill(code=stack.code_of(person))
    guest.press("Tiếp tục")
    guest.arrives("/lam-viec/")


def leaves(guest: Visitor) -> None:
    guest.go("/tai-khoan/logout/")
    guest.page.locator("main").get_by_role("button", name="Đăng xuất").click()
    guest.page.wait_for_url(lambda url: "logout" not in url)


def adds_key(guest: Visitor, device: Device, name: str, *, alone: bool) -> None:
    guest.go(FACTORS + "webauthn/add/")
    guest.fill(name=name)
    guest.page.locator("#id_passwordless").set_checked(alone, force=True)
    device.hold_to(guest.page)
    guest.page.get_by_role("button", name="Thêm khóa").click()
    guest.page.wait_for_url(lambda url: "webauthn/add" not in url)
    device.take_away()
    guest.look()
    assert len(device.keys) == 1


def removes_key(guest: Visitor, name: str) -> None:
    guest.go(FACTORS + "webauthn/")
    guest.page.get_by_role("link", name=f"Bỏ khóa {name}").first.click()
    guest.look()
    guest.press("Bỏ khóa")
    guest.sees("Đã bỏ khóa truy cập")


@SCREENS
def test_a_passkey_opens_the_desk_alone(named: Come, stack: Stack, screen: dict[str, Any]) -> None:
    person, device = stack.people["xahoi.nq"], Device()
    guest = named(screen)
    comes_in(guest, person, stack)
    adds_key(guest, device, "Máy bàn", alone=True)
    guest.go(FACTORS + "webauthn/")
    guest.sees("Máy bàn", "đăng nhập được không cần mật khẩu")
    leaves(guest)

    guest.go(LOGIN)
    device.hold_to(guest.page)
    guest.page.get_by_role("button", name="Đăng nhập bằng khóa truy cập").click()
    guest.arrives("/lam-viec/")
    guest.go("/lam-viec/")
    guest.sees(person.name)
    removes_key(guest, "Máy bàn")
    guest.calm()


@SCREENS
def test_a_usb_key_is_the_second_factor(named: Come, stack: Stack, screen: dict[str, Any]) -> None:
    person, device = stack.people["kinhte.nq"], Device(**USB_KEY)
    guest = named(screen)
    comes_in(guest, person, stack)
    adds_key(guest, device, "Khóa USB", alone=False)
    leaves(guest)

    type_password(guest, person)
    guest.arrives("/tai-khoan/2fa/authenticate/")
    device.hold_to(guest.page)
    guest.page.get_by_role("button", name="Dùng khóa truy cập").click()
    guest.arrives("/lam-viec/")
    guest.go(f"{FACTORS}webauthn/reauthenticate/?next=/lam-viec/")
    device.hold_to(guest.page)
    guest.page.get_by_role("button", name="Xác nhận bằng khóa truy cập").click()
    guest.arrives("/lam-viec/")
    removes_key(guest, "Khóa USB")


@SCREENS
def test_spare_codes_are_shown_once_and_serve_once(
    visitor: Come, stack: Stack, screen: dict[str, Any]
) -> None:
    person = stack.people["diachinh.nq"]
    guest = visitor(screen)
    comes_in(guest, person, stack)
    guest.go(FACTORS)
    guest.follow("Tạo mã mới")
    guest.press("Tạo mã")
    codes = re.findall(r"\b\d{8}\b", guest.page.locator("#codes").inner_text())
    assert len(codes) == 10
    guest.go(FACTORS + "recovery-codes/")
    guest.sees("không hiện lại")
    assert codes[0] not in guest.page.content()
    leaves(guest)

    type_password(guest, person)
    guest.fill(code=codes[0])
    guest.press("Tiếp tục")
    guest.arrives("/lam-viec/")
    leaves(guest)
    type_password(guest, person)
    guest.fill(code=codes[0])
    guest.press("Tiếp tục")
    guest.sees("Mã chưa đúng")


@SCREENS
def test_a_citizen_opens_an_account_with_a_mobile_number(
    visitor: Come, stack: Stack, screen: dict[str, Any]
) -> None:
    number = f"09{secrets.randbelow(10**8):08d}"
    guest = visitor(screen)
    guest.go("/tai-khoan/signup/")
    guest.fill(full_name="Bùi Văn Sơn", contact="12345", password1="matkhau2026")
    guest.press("Tạo tài khoản")
    guest.sees("10 chữ số", "đoán đầu tiên")
    guest.fill(contact=f"+84 {number[1:4]} {number[4:7]} {number[7:]}", password1=NEW)
    guest.press("Tạo tài khoản")
    guest.sees("Nhập mã vừa nhận", number)
    guest.fill(code="000000")
    guest.press("Tiếp tục")
    guest.sees("Mã chưa đúng")
    guest.fill(code=stack.code_sent_to(number))
    guest.press("Tiếp tục")
    guest.arrives("/ho-so/")
    leaves(guest)

    guest.go("/tai-khoan/password/reset/")
    guest.fill(email=number)
    guest.press("Gửi mã")
    guest.sees("có tài khoản, mã đã được gửi tới đó")
    for _ in range(60):
        if len(code := stack.code_sent_to(number)) == 8:
            break
        guest.page.wait_for_timeout(500)
    guest.fill(code=code)
    guest.press("Tiếp tục")
    again = "chin con mua ngam ngui"
    guest.fill(password1=again, password2=again)
    guest.press("Đặt mật khẩu")
    guest.go(LOGIN)
    guest.fill(login=number, password=again)
    guest.press("Đăng nhập", exact=True)
    guest.arrives("/ho-so/")
    guest.go("/tai-khoan/phone/change/")
    guest.sees(f"Đăng nhập được bằng số {number}")


def test_other_places_are_signed_out(visitor: Come, stack: Stack) -> None:
    desk, phone = visitor(DESK, "congdan3"), visitor(PHONE, "congdan3")
    for guest in (desk, phone):
        guest.go("/tai-khoan/sessions/")
        guest.sees("nơi bạn đang dùng", "Chrome trên")
    desk.press("Đăng xuất mọi nơi khác")
    desk.sees("Tài khoản không đăng nhập ở nơi nào khác")
    phone.go("/ho-so/")
    phone.arrives(LOGIN)


@SCREENS
def test_a_citizen_may_add_an_app_and_remove_it(visitor: Come, stack: Stack, screen: dict[str, Any]) -> None:
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

    guest = visitor(screen, "congdan2")
    guest.go(FACTORS)
    guest.follow("Bật ứng dụng")
    secret = guest.page.locator(".secret").inner_text().strip()
    import time

    guest.fill(code=format_hotp_value(hotp_value(secret, int(time.time() // 30))))
    guest.press("Bật", exact=True)
    guest.sees("Các mã chỉ hiện một lần này")
    guest.go(FACTORS)
    guest.follow("Tắt ứng dụng")
    guest.press("Tắt ứng dụng")
    guest.sees("Đã tắt ứng dụng xác thực")


@SCREENS
def test_staff_cannot_remove_their_last_factor(visitor: Come, stack: Stack, screen: dict[str, Any]) -> None:
    guest = visitor(screen, "tochuc.nq")
    guest.go(FACTORS + "totp/deactivate/")
    guest.sees("Chưa tắt được ứng dụng xác thực", "phải giữ ít nhất một lớp bảo vệ")
