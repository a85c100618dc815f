"""The demo's certificate authority: make it, run it."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from signing import demo_pki


class Command(BaseCommand):
    help = _(
        "Tổ chức chứng thực thử nghiệm: chuẩn bị (--prepare) hoặc chạy OCSP, CRL, dấu thời gian (--serve)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        action = parser.add_mutually_exclusive_group(required=True)
        action.add_argument(
            "--prepare", action="store_true", help=_("tạo khóa, chứng thư và tin cậy chứng thư gốc")
        )
        action.add_argument("--serve", action="store_true", help=_("phục vụ trên 127.0.0.1"))
        parser.add_argument("--port", type=int, default=settings.PKI_PORT)

    def handle(self, *, prepare: bool, serve: bool, port: int, **options: Any) -> None:
        demo_pki.prepare()
        if prepare:
            demo_pki.register_anchor()
            self.stdout.write(
                _("Đã có chứng thư gốc thử nghiệm: %(path)s") % {"path": f"{settings.PKI_DIR}/root.pem"}
            )
            return
        server = demo_pki.make_server(port)
        self.stdout.write(
            _("Chứng thực thử nghiệm: http://127.0.0.1:%(port)s/") % {"port": server.server_port}
        )
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            server.server_close()
