"""Doors of the ground layer: the public log of the audit trail."""

from django.urls import path

from core import views_transparency as log

app_name = "core"
urlpatterns = [
    path("du-lieu/nhat-ky/", log.log, name="log"),
    path("du-lieu/nhat-ky/lo.json", log.batches_json, name="log_batches_json"),
    path("du-lieu/nhat-ky/lo/<int:number>.json", log.batch_json, name="log_batch_json"),
    path("du-lieu/nhat-ky/lo/<int:number>/", log.batch_page, name="log_batch"),
    path("du-lieu/nhat-ky/khoa.json", log.keys_json, name="log_keys_json"),
    path("du-lieu/nhat-ky/kiem-tra-nhat-ky.py", log.script, name="log_script"),
    path("nhat-ky/<int:event_id>/chung-minh.json", log.proof, name="event_proof"),
]
