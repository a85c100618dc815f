"""Ý kiến chỉ đạo and what follows from it: tasks, progress, extensions, reminders (domain/documents.md §7)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from documents.choices import TASK_OPEN, ExtensionState, ReminderKind, TaskRole, TaskState
from documents.models.incoming import IncomingDocument
from documents.models.papers import Document
from documents.querysets import TaskQuerySet


class Directive(models.Model):
    """Bút phê: what somebody who directs wrote on an incoming document, and to whom he gave it."""

    incoming = models.ForeignKey(IncomingDocument, on_delete=models.PROTECT, related_name="directives")
    # A head passes on what came to his unit: the task under which he directs.
    under = models.ForeignKey(
        "documents.Task", null=True, blank=True, on_delete=models.PROTECT, related_name="directives"
    )
    by = models.ForeignKey(
        "org.User", on_delete=models.PROTECT, related_name="+", verbose_name=_("người cho ý kiến")
    )
    name_printed = models.CharField(_("họ tên khi đó"), max_length=120)
    post_printed = models.CharField(_("chức vụ khi đó"), max_length=200, blank=True)
    signed_for_printed = models.CharField(_("thay mặt, khi đó"), max_length=400, blank=True)
    text = models.TextField(_("ý kiến chỉ đạo"))
    at = models.DateTimeField(_("lúc"), auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = _("ý kiến chỉ đạo")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.name_printed}: {self.text[:60]}"


class Task(models.Model):
    """What one unit, or one person of a unit, has to do about an incoming document, and until when."""

    directive = models.ForeignKey(Directive, on_delete=models.PROTECT, related_name="tasks")
    incoming = models.ForeignKey(IncomingDocument, on_delete=models.PROTECT, related_name="tasks")
    unit = models.ForeignKey(
        "org.Organization", on_delete=models.PROTECT, related_name="+", verbose_name=_("đơn vị")
    )
    person = models.ForeignKey(
        "org.User",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("người thực hiện"),
    )
    role = models.CharField(_("vai trò"), max_length=10, choices=TaskRole)
    state = models.CharField(_("trạng thái"), max_length=12, choices=TaskState, default=TaskState.NEW)
    text = models.CharField(_("nội dung giao"), max_length=1000, blank=True)
    due_at = models.DateTimeField(_("hạn"), null=True, blank=True)
    first_due_at = models.DateTimeField(_("hạn ban đầu"), null=True, blank=True)
    progress = models.PositiveSmallIntegerField(_("tiến độ (%)"), default=0)
    result = models.CharField(_("kết quả"), max_length=1000, blank=True)
    reply = models.ForeignKey(
        Document,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="settles",
        verbose_name=_("văn bản trả lời"),
    )
    created_at = models.DateTimeField(_("giao lúc"), auto_now_add=True)
    seen_at = models.DateTimeField(_("xem lúc"), null=True, blank=True)
    done_at = models.DateTimeField(_("xong lúc"), null=True, blank=True)

    objects = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("việc được giao")
        constraints = [
            models.CheckConstraint(
                condition=Q(progress__gte=0, progress__lte=100), name="progress_in_hundredths"
            )
        ]
        indexes = [
            models.Index(
                fields=["unit", "due_at"], name="task_of_unit", condition=Q(state__in=sorted(TASK_OPEN))
            ),
            models.Index(
                fields=["person", "due_at"], name="task_of_person", condition=Q(state__in=sorted(TASK_OPEN))
            ),
            models.Index(
                fields=["due_at"],
                name="task_due",
                condition=Q(state__in=sorted(TASK_OPEN), due_at__isnull=False),
            ),
            models.Index(
                fields=["unit", "done_at"], name="task_done_of_unit", condition=Q(state=TaskState.DONE)
            ),
            models.Index(fields=["unit", "-id"], name="task_newest_of_unit"),
            models.Index(fields=["person", "-id"], name="task_newest_of_person"),
            models.Index(fields=["unit", "-incoming"], name="task_incoming_of_unit"),
            models.Index(fields=["person", "-incoming"], name="task_incoming_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()}: {self.unit}"

    @property
    def audit_unit_id(self) -> int:
        return self.unit_id


class TaskNote(models.Model):
    """One line of progress, or a question back to who gave the task."""

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="notes")
    by = models.ForeignKey("org.User", on_delete=models.PROTECT, related_name="+")
    by_printed = models.CharField(_("người ghi khi đó"), max_length=320)
    text = models.CharField(_("nội dung"), max_length=1000)
    progress = models.PositiveSmallIntegerField(_("tiến độ (%)"), null=True, blank=True)
    at = models.DateTimeField(_("lúc"), auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = _("diễn biến việc")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.text[:60]


class TaskExtension(models.Model):
    """Xin gia hạn: asked by who does the task, decided by who gave it (or his unit's head)."""

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="extensions")
    asked_by = models.ForeignKey("org.User", on_delete=models.PROTECT, related_name="+")
    asked_printed = models.CharField(_("người xin khi đó"), max_length=320)
    asked_at = models.DateTimeField(_("xin lúc"), auto_now_add=True)
    reason = models.CharField(_("lý do"), max_length=500)
    until = models.DateTimeField(_("xin đến"))
    state = models.CharField(
        _("trạng thái"), max_length=10, choices=ExtensionState, default=ExtensionState.ASKED
    )
    decided_by = models.ForeignKey(
        "org.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_printed = models.CharField(_("người duyệt khi đó"), max_length=320, blank=True)
    decided_at = models.DateTimeField(_("duyệt lúc"), null=True, blank=True)
    note = models.CharField(_("ý kiến"), max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("xin gia hạn")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["task"], condition=Q(state=ExtensionState.ASKED), name="one_open_extension"
            )
        ]

    def __str__(self) -> str:
        return f"{self.task_id}: {self.until:%d/%m/%Y}"


class Reminder(models.Model):
    """That somebody was reminded of a task on a day: never twice the same."""

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="reminders")
    kind = models.CharField(max_length=10, choices=ReminderKind)
    day = models.DateField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = _("lần nhắc")
        constraints = [models.UniqueConstraint(fields=["task", "kind", "day"], name="reminder_once_a_day")]

    def __str__(self) -> str:
        return f"{self.task_id} {self.kind} {self.day:%d/%m/%Y}"
