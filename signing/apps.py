"""Keys, signature requests, timestamps, verification of any PDF."""

import warnings

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SigningConfig(AppConfig):
    name = "signing"
    verbose_name = _("Ký số")

    def ready(self) -> None:
        from core.audit import register_sentences
        from core.transparency import stamping
        from org import handing_over
        from org.restructuring import hooks
        from signing import keeping
        from signing.movers import KeyMover

        hooks.register(KeyMover())
        handing_over.register("signing", keeping.KEEPER)

        stamping.register("signing.log_stamps")

        # X.520 limits names to 64 letters; the library counts UTF-8 bytes and would warn of every Vietnamese name.
        warnings.filterwarnings("ignore", message="Attribute's length must be")
        register_sentences(
            {
                "signing.requested": _("yêu cầu ký số"),
                "signing.signed": _("ký số thành công"),
                "signing.failed": _("không ký được"),
                "signing.retried": _("yêu cầu ký lại"),
                "signing.cancelled": _("hủy yêu cầu ký"),
                "signing.anchor_added": _("thêm tổ chức chứng thực tin cậy"),
                "signing.anchor_dropped": _("ngừng tin cậy tổ chức chứng thực"),
                "signing.anchor_resumed": _("tin cậy lại tổ chức chứng thực"),
                "signing.key_added": _("thêm khóa ký"),
                "signing.key_entrusted": _("giao khóa ký cho người khác"),
                "signing.key_taken_back": _("thôi giao giữ khóa dấu"),
                "signing.key_released": _("mở lại khóa ký bị khóa"),
                "signing.key_suspended": _("tạm dừng khóa ký"),
                "signing.key_resumed": _("cho dùng lại khóa ký"),
                "signing.key_revoked": _("thu hồi khóa ký"),
                "signing.pin_changed": _("đổi mã PIN"),
                "signing.paper_withdrawn": _("thu hồi hoặc thay thế giấy tờ"),
            }
        )
