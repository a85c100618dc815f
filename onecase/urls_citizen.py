"""Addresses of the public and of applicants. Included by onecase.urls under its namespace."""

from django.urls import path, re_path

from onecase.views import catalogue, check, citizen, look_up, own_case

CODE = r"(?P<code>[A-Za-z0-9.]+-\d{6}-\d{4,6})"

urlpatterns = [
    path("", catalogue.home, name="home"),
    path("thu-tuc/", catalogue.procedures, name="procedures"),
    path("thu-tuc/<slug:slug>/", catalogue.procedure, name="procedure"),
    path("thu-tuc/<slug:slug>/nop/", citizen.start, name="start"),
    path("tra-cuu/", look_up.look_up, name="look_up"),
    path("kiem-tra/", check.check, name="check"),
    path("kiem-tra/<str:code>/", check.check_code, name="check_code"),
    path("kiem-tra/<str:code>/ban-goc/", check.original, name="check_original"),
    path("ho-so/", own_case.my_cases, name="my_cases"),
    path("ho-so/nhap/<uuid:key>/<int:number>/", citizen.draft, name="draft"),
    path("ho-so/nhap/<uuid:key>/bo/", own_case.drop_draft, name="drop_draft"),
    path("ho-so/nhap/<uuid:key>/tep/<int:file_id>/", own_case.draft_file, name="draft_file"),
    re_path(rf"^ho-so/{CODE}/$", own_case.own_case, name="own_case"),
    re_path(rf"^ho-so/{CODE}/tep/(?P<file_id>\d+)/$", own_case.own_file, name="own_file"),
    re_path(rf"^ho-so/{CODE}/phieu/(?P<form_id>\d+)/$", own_case.own_form, name="own_form"),
    re_path(rf"^ho-so/{CODE}/bien-nhan/$", own_case.receipt_pdf, name="receipt"),
    re_path(rf"^ho-so/{CODE}/bo-sung/$", own_case.supply, name="supply"),
    re_path(rf"^ho-so/{CODE}/ket-qua/$", own_case.result, name="own_result"),
    re_path(rf"^ho-so/{CODE}/rut/$", own_case.withdraw, name="withdraw"),
    re_path(rf"^ho-so/{CODE}/danh-gia/$", own_case.rate, name="rate"),
]
