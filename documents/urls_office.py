"""Registers, work files, dashboards, rights."""

from django.urls import URLPattern, path

from documents.views import dashboard, registers

HERE = "lam-viec/van-ban/"

urlpatterns: list[URLPattern] = [
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
]
