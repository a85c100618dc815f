"""Steps between password and desk that allauth would take otherwise."""

from typing import Any

from allauth.account import stages


class EmailVerificationStage(stages.EmailVerificationStage):
    """Not for accounts that open by telephone: they have no address, or the telephone has proved them already."""

    def handle(self) -> tuple[Any, bool]:
        login = self.login
        if login.user is None:  # sign-up with what somebody else has: the same steps, leading nowhere
            by_phone = bool(login.phone) and not login.email
        else:
            by_phone = not login.user.email or login.user.phone_verified_at is not None
        return (None, True) if by_phone else super().handle()
