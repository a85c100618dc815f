"""Official documents: drafts, numbers, signatures, seals."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DocumentsConfig(AppConfig):
    name = "documents"
    verbose_name = "Văn bản"

    def ready(self) -> None:
        from core import audit
        from documents import (  # noqa: F401  (receivers connect themselves)
            keeping,
            keeping_office,
            keeping_tasks,
            receivers,
            receivers_office,
            sentences_incoming,
            sentences_office,
            sentences_outgoing,
            sentences_search,
            trail,
        )
        from documents.models import DocumentType
        from documents.movers import DocumentMover
        from documents.movers_incoming import IncomingMover
        from org import handing_over, scopes, sealed
        from org.restructuring import hooks

        trail.register_all()
        hooks.register(DocumentMover())
        hooks.register(IncomingMover())
        sealed.register("documents.Document", "body_sealed")
        sealed.register("documents.Mailbox", "password_sealed")
        sealed.register("documents.DraftVersion", "body_sealed")
        handing_over.register("documents", keeping.KEEPER)
        handing_over.register("document_tasks", keeping_tasks.KEEPER)
        handing_over.register("documents_office", keeping_office.KEEPER)
        scopes.register(
            "document_types",
            _("loại văn bản"),
            lambda: list(
                DocumentType.objects.filter(is_active=True).order_by("name").values_list("code", "name")
            ),
        )

        for part in (sentences_outgoing, sentences_incoming, sentences_office, sentences_search):
            audit.register_sentences(part.SENTENCES)
        audit.register_sentences(
            {
                "document.create": _("Soạn dự thảo"),
                "document.edit": _("Sửa dự thảo"),
                "document.submit": _("Trình ký dự thảo"),
                "document.send_back": _("Trả lại dự thảo"),
                "document.sign": _("Duyệt, cấp số, gửi ký số"),
                "document.record_signature": _("Đã ký số"),
                "document.signing_failed": _("Ký số không thành"),
                "document.seal": _("Gửi đóng dấu số"),
                "document.sealing_failed": _("Đóng dấu số không thành"),
                "document.issue": _("Phát hành văn bản"),
                "document.cancel": _("Bỏ dự thảo"),
                "document.recall": _("Trình lại tại đơn vị kế thừa"),
                "document.move": _("Chuyển sang đơn vị kế thừa"),
                "document.pass_on": _("Bàn giao dự thảo"),
            }
        )
