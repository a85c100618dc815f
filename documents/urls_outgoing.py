"""Drafts, signing, sealing, certified copies."""

from django.urls import URLPattern, path

from documents.views import copies, drafts, outgoing, signing

HOME = "lam-viec/van-ban/"
OUT, ONE = f"{HOME}di/", f"{HOME}di/<int:document_id>/"

urlpatterns: list[URLPattern] = [
    path(OUT, outgoing.outgoing, name="outgoing"),
    path(f"{OUT}moi/", drafts.new_document, name="new_document"),
    path(f"{OUT}noi-nhan/", drafts.recipients, name="recipients"),
    path(ONE, outgoing.document, name="document"),
    path(f"{ONE}sua/", drafts.edit, name="edit"),
    path(f"{ONE}giay/", outgoing.paper, name="paper"),
    path(f"{ONE}tep/", drafts.attach, name="attach"),
    path(f"{ONE}tep/<int:attachment_id>/", outgoing.attachment, name="attachment"),
    path(f"{ONE}tep/<int:attachment_id>/bo/", drafts.detach, name="detach"),
    path(f"{ONE}ban/", drafts.versions, name="versions"),
    path(f"{ONE}xin-y-kien/", drafts.ask_opinion, name="ask_opinion"),
    path(f"{ONE}ky-lai/", outgoing.retry, name="retry_signing"),
    path(f"{ONE}buoc/<slug:verb>/", outgoing.move, name="outgoing_move"),
    path(f"{HOME}y-kien/", drafts.opinions_waiting, name="opinions"),
    path(f"{HOME}y-kien/<int:opinion_id>/", drafts.give_opinion, name="give_opinion"),
    path(f"{HOME}y-kien/<int:opinion_id>/thoi/", drafts.withdraw_question, name="withdraw_question"),
    path(f"{HOME}y-kien/<int:opinion_id>/tiep-thu/", drafts.answer_opinion, name="answer_opinion"),
    path(f"{HOME}trinh-ky/", signing.sign_queue, name="sign_queue"),
    path(f"{HOME}trinh-ky/xac-nhan/", signing.confirm_signing, name="confirm_signing"),
    path(f"{HOME}trinh-ky/tien-do/", signing.sign_progress, name="sign_progress"),
    path(f"{HOME}dong-dau/", signing.seal_queue, name="seal_queue"),
    path(f"{HOME}dong-dau/xac-nhan/", signing.confirm_seal, name="confirm_seal"),
    path(f"{HOME}dong-dau/tien-do/", signing.seal_progress, name="seal_progress"),
    path(f"{HOME}ban-sao/", copies.copies_list, name="copies"),
    path(f"{HOME}ban-sao/lap/", copies.new_copy, name="new_copy"),
    path(f"{HOME}ban-sao/<int:copy_id>/", copies.copy_file, name="copy_file"),
]
