"""Registers, work files, dashboards, rights."""

from django.urls import URLPattern, path, register_converter

from documents.views import access, dashboard, filing, guide, registers, secrets

HERE = "lam-viec/van-ban/"


class Kind:
    """Which of the two: «den», «di»."""

    regex = "den|di"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Kind, "direction")

urlpatterns: list[URLPattern] = [
    path(f"{HERE}huong-dan/", guide.guide, name="guide"),
    path(f"{HERE}so/", registers.register, name="registers"),
    path(f"{HERE}so/in/", registers.print_register, name="print_register"),
    path(f"{HERE}so/in/<int:job_id>/", registers.register_print, name="register_print"),
    path(f"{HERE}so/in/<int:job_id>/tep/", registers.register_print_file, name="register_print_file"),
    path(f"{HERE}so/tep/", registers.register_file, name="register_file"),
    path(f"{HERE}so/khoa/", registers.close_register, name="close_register"),
    path(f"{HERE}so/quyen/", registers.register_books, name="register_books"),
    path(f"{HERE}so/quyen/<int:book_id>/", registers.register_book, name="register_book"),
    path(f"{HERE}so/quyen/<int:book_id>/tep/", registers.register_book_file, name="register_book_file"),
    path(f"{HERE}so/quyen/<int:book_id>/ky-so/", registers.seal_register, name="seal_register"),
    path(f"{HERE}theo-doi/", dashboard.dashboard, name="dashboard"),
    path(f"{HERE}theo-doi/viec/", dashboard.tasks, name="dashboard_tasks"),
    path(f"{HERE}theo-doi/van-ban-di/", dashboard.waiting, name="dashboard_waiting"),
    path(f"{HERE}theo-doi/chua-mo/", dashboard.unopened, name="dashboard_unopened"),
    path(f"{HERE}ho-so/", filing.work_files, name="work_files"),
    path(f"{HERE}ho-so/moi/", filing.new_file, name="new_work_file"),
    path(f"{HERE}ho-so/dua-vao/", filing.file_into, name="file_into"),
    path(f"{HERE}ho-so/danh-muc/", filing.catalogue, name="file_catalogue"),
    path(f"{HERE}ho-so/danh-muc/tep/", filing.catalogue_pdf, name="file_catalogue_pdf"),
    path(f"{HERE}ho-so/nop-luu/", filing.transfers, name="file_transfers"),
    path(f"{HERE}ho-so/nop-luu/<int:list_id>/", filing.transfer, name="file_transfer"),
    path(f"{HERE}ho-so/huy/", filing.destructions, name="file_destructions"),
    path(f"{HERE}ho-so/huy/<int:list_id>/", filing.destruction, name="file_destruction"),
    path(f"{HERE}ho-so/xuat/<int:job_id>/", filing.export_progress, name="work_file_export"),
    path(f"{HERE}ho-so/xuat/<int:job_id>/tep/", filing.export_file, name="work_file_export_file"),
    path(f"{HERE}ho-so/<int:file_id>/", filing.work_file, name="work_file"),
    path(f"{HERE}ho-so/<int:file_id>/xuat/", filing.export, name="export_work_file"),
    path(f"{HERE}ho-so/<int:file_id>/muc-luc/", filing.contents_pdf, name="work_file_contents"),
    path(
        f"{HERE}ho-so/<int:file_id>/tai-lieu/<int:item_id>/", filing.work_file_paper, name="work_file_paper"
    ),
    path(f"{HERE}ho-so/<int:file_id>/<slug:verb>/", filing.work_file_act, name="work_file_act"),
    path(f"{HERE}quyen/<direction:kind>/<int:pk>/", access.grants, name="grants"),
    path(f"{HERE}quyen/<direction:kind>/<int:pk>/cho/", access.give, name="give_grant"),
    path(f"{HERE}quyen/<direction:kind>/<int:pk>/thoi/", access.end, name="end_grant"),
    path(f"{HERE}quyen/<direction:kind>/<int:pk>/da-mo/", access.read_log, name="read_log"),
    path(f"{HERE}mat/", secrets.secrets, name="secrets"),
    path(f"{HERE}mat/bao/<direction:kind>/<int:pk>/", secrets.report, name="report_secret"),
    path(f"{HERE}mat/su-co/<int:incident_id>/", secrets.incident, name="secret_incident"),
    path(f"{HERE}mat/su-co/<int:incident_id>/<slug:verb>/", secrets.incident_act, name="secret_act"),
]
