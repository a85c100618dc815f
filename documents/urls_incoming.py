"""Arrivals, tasks, dispatches."""

from django.urls import URLPattern, path

from documents.views import dispatches, home, incoming, mail, tasks

BASE = "lam-viec/van-ban/"
urlpatterns: list[URLPattern] = [
    path(BASE, home.home, name="home"),
    path(f"{BASE}den/", incoming.incoming_list, name="incoming_list"),
    path(f"{BASE}den/moi/", incoming.incoming_new, name="incoming_new"),
    path(f"{BASE}den/<int:incoming_id>/", incoming.incoming, name="incoming"),
    path(f"{BASE}den/<int:incoming_id>/tep/<int:file_id>/", incoming.incoming_file, name="incoming_file"),
    path(f"{BASE}den/<int:incoming_id>/kiem-tra/", incoming.incoming_check, name="incoming_check"),
    path(f"{BASE}den/<int:incoming_id>/tiep-nhan/", incoming.incoming_receive, name="incoming_receive"),
    path(f"{BASE}den/<int:incoming_id>/trinh/", incoming.incoming_onward, name="incoming_onward"),
    path(f"{BASE}den/<int:incoming_id>/chi-dao/", incoming.incoming_direct, name="incoming_direct"),
    path(f"{BASE}den/<int:incoming_id>/phieu-giai-quyet/", incoming.incoming_sheet, name="incoming_sheet"),
    path(f"{BASE}den/<int:incoming_id>/tra-loi-thu-hoi/", incoming.recall_answer, name="recall_answer"),
    path(f"{BASE}den/<int:incoming_id>/ly-do/<slug:verb>/", incoming.incoming_noted, name="incoming_noted"),
    path(f"{BASE}viec/", tasks.task_list, name="task_list"),
    path(f"{BASE}viec/<int:task_id>/", tasks.task, name="task"),
    path(f"{BASE}viec/<int:task_id>/giao/", tasks.task_assign, name="task_assign"),
    path(f"{BASE}viec/<int:task_id>/lam/<slug:verb>/", tasks.task_move, name="task_move"),
    path(
        f"{BASE}viec/<int:task_id>/gia-han/<int:extension_id>/", tasks.task_extension, name="task_extension"
    ),
    path(f"{BASE}gui/<int:dispatch_id>/", dispatches.dispatch, name="dispatch"),
    path(f"{BASE}gui/<int:dispatch_id>/nhac/", dispatches.remind, name="dispatch_remind"),
    path(f"{BASE}gui/<int:dispatch_id>/gui-lai/", dispatches.resend, name="dispatch_resend"),
    path(f"{BASE}gui/<int:dispatch_id>/thu-hoi/", dispatches.recall, name="dispatch_recall"),
    path(
        f"{BASE}gui/<int:dispatch_id>/ban-giay/<int:recipient_id>/",
        dispatches.paper_state,
        name="dispatch_paper",
    ),
    path(f"{BASE}thu/", mail.mail_items, name="mail_items"),
    path(f"{BASE}thu/<int:item_id>/da-xem/", mail.mail_settle, name="mail_settle"),
]
