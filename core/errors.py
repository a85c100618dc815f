"""What a user can cause. The text is Vietnamese and meant for the user; everything else is a bug and flies."""

from django.utils.translation import gettext as _


class RuleError(Exception):
    """A rule of the domain refused the act. Nothing was saved."""


class NotAllowed(RuleError):
    """The actor, in the present post, may not do this."""

    def __init__(self, message: str = "") -> None:
        super().__init__(
            message
            or _("Chức vụ hiện tại không được làm việc này. Đổi chức vụ hoặc chuyển người có thẩm quyền.")
        )


class WrongStatus(RuleError):
    """The record is not in a status from which this move starts."""


class NoteMissing(RuleError):
    """The move needs a reason and none was given."""

    def __init__(self) -> None:
        super().__init__(_("Nhập lý do hoặc nội dung trước khi thực hiện."))
