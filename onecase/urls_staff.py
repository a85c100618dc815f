"""Addresses of staff, included under the namespace `onecase`."""

from django.urls import path

from onecase.views import case_list, cases, desk, intake, moves, results, signing

urlpatterns = [
    path("lam-viec/", desk.desk, name="desk"),
    path("lam-viec/ho-so/", case_list.cases, name="cases"),
    path("lam-viec/ho-so/<str:code>/", cases.case, name="case"),
    path("lam-viec/ho-so/<str:code>/kiem-tra/", cases.check_components, name="check_components"),
    path("lam-viec/ho-so/<str:code>/hien-so/", cases.reveal, name="reveal"),
    path("lam-viec/ho-so/<str:code>/tep/<int:file_id>/", cases.staff_file, name="staff_file"),
    path("lam-viec/ho-so/<str:code>/mau/<int:form_id>/", cases.staff_form, name="staff_form"),
    path("lam-viec/ho-so/<str:code>/van-ban/", cases.staff_result, name="staff_result"),
    path("lam-viec/ho-so/<str:code>/to-khai/", cases.application, name="application"),
    path("lam-viec/ho-so/<str:code>/phieu-kiem-soat/", cases.control_sheet, name="control_sheet"),
    path("lam-viec/ho-so/<str:code>/ket-qua/", results.result, name="result"),
    path("lam-viec/ho-so/<str:code>/ket-qua/xem-truoc/", results.result_preview, name="result_preview"),
    path("lam-viec/ho-so/<str:code>/<slug:verb>/", moves.move, name="move"),
    path("lam-viec/tiep-nhan/", intake.intake, name="intake"),
    path("lam-viec/tiep-nhan/<slug:slug>/", intake.intake_form, name="intake_form"),
    path("lam-viec/ky/", signing.sign, name="signing"),
    path("lam-viec/ky/xac-nhan/", signing.confirm_signing, name="confirm_signing"),
    path("lam-viec/ky/tien-do/", signing.signing_progress, name="signing_progress"),
    path("lam-viec/ky/thu-lai/<int:document_id>/", signing.retry, name="retry_signing"),
    path("lam-viec/ky/van-ban/<int:document_id>/", signing.staff_document, name="staff_document"),
    path("lam-viec/dong-dau/", signing.seal, name="seal"),
    path("lam-viec/dong-dau/xac-nhan/", signing.confirm_seal, name="confirm_seal"),
    path("lam-viec/dong-dau/tien-do/", signing.seal_progress, name="seal_progress"),
]
