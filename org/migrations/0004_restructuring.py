"""Restructurings: plan, steps, moved records, leftovers."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("core", "0003_audit_is_append_only"),
        ("org", "0003_units_in_time"),
    ]

    operations = [
        migrations.CreateModel(
            name='Restructuring',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('next_try_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='lần thử tới')),
                ('attempts', models.PositiveIntegerField(default=0, verbose_name='số lần thử')),
                ('last_error', models.TextField(blank=True, verbose_name='lỗi gần nhất')),
                ('done_at', models.DateTimeField(blank=True, null=True, verbose_name='xong lúc')),
                ('given_up_at', models.DateTimeField(blank=True, null=True, verbose_name='dừng thử lúc')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='tạo lúc')),
                ('title', models.CharField(max_length=200, verbose_name='tên đợt sắp xếp')),
                ('effective_on', models.DateField(verbose_name='có hiệu lực từ ngày')),
                ('status', models.CharField(choices=[('draft', 'Đang soạn'), ('checked', 'Đã chạy thử'), ('approved', 'Đã duyệt, chờ áp dụng'), ('applied', 'Đã áp dụng'), ('closed', 'Đã kết thúc'), ('withdrawn', 'Đã rút')], default='draft', max_length=10, verbose_name='trạng thái')),
                ('checked_at', models.DateTimeField(blank=True, null=True, verbose_name='chạy thử lúc')),
                ('digest', models.CharField(blank=True, editable=False, max_length=64)),
                ('report', models.JSONField(blank=True, default=dict, verbose_name='kết quả chạy thử')),
                ('approved_at', models.DateTimeField(blank=True, null=True, verbose_name='duyệt lúc')),
                ('approval_note', models.TextField(blank=True, verbose_name='ý kiến duyệt')),
                ('outcome', models.JSONField(blank=True, default=dict, verbose_name='kết quả áp dụng')),
                ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='người duyệt')),
                ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.organization', verbose_name='cơ quan chủ trì')),
                ('drafted_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='người soạn')),
                ('job', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.job')),
                ('legal_basis', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='restructurings', to='org.legalbasis', verbose_name='căn cứ')),
                ('undo_of', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='undone_by', to='org.restructuring', verbose_name='lập lại như trước đợt')),
            ],
            options={
                'verbose_name': 'đợt sắp xếp tổ chức',
                'verbose_name_plural': 'đợt sắp xếp tổ chức',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='MovedRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(help_text='label of the model, e.g. onecase.case', max_length=60)),
                ('record_id', models.BigIntegerField()),
                ('heir_id', models.BigIntegerField(help_text='the new row, when a new one was begun', null=True)),
                ('before', models.JSONField(default=dict, help_text='columns as they were')),
                ('new_unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.organization')),
                ('old_unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.organization')),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='moved', to='org.restructuring')),
            ],
            options={
                'verbose_name': 'bản ghi đã chuyển',
                'verbose_name_plural': 'bản ghi đã chuyển',
            },
        ),
        migrations.CreateModel(
            name='Leftover',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('case', 'hồ sơ'), ('handler', 'người thụ lý'), ('person', 'nhân sự'), ('role', 'quyền'), ('key', 'chứng thư số'), ('document', 'văn bản')], max_length=10, verbose_name='loại')),
                ('subject_type', models.CharField(max_length=60)),
                ('subject_id', models.BigIntegerField()),
                ('label', models.CharField(max_length=300, verbose_name='nội dung')),
                ('why', models.CharField(max_length=300, verbose_name='vì sao còn lại')),
                ('options', models.JSONField(default=list, help_text='ids of units', verbose_name='nơi có thể nhận')),
                ('settled_at', models.DateTimeField(blank=True, null=True, verbose_name='xong lúc')),
                ('settled_note', models.CharField(blank=True, max_length=300, verbose_name='đã làm gì')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='người xử lý')),
                ('owner_unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.organization', verbose_name='đơn vị xử lý')),
                ('settled_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='leftovers', to='org.restructuring')),
            ],
            options={
                'verbose_name': 'việc còn lại',
                'verbose_name_plural': 'việc còn lại',
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='RestructuringStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seq', models.PositiveIntegerField(verbose_name='thứ tự')),
                ('kind', models.CharField(choices=[('merge', 'hợp nhất, sáp nhập'), ('split', 'chia, tách'), ('rename', 'đổi tên'), ('dissolve', 'giải thể'), ('transfer', 'chuyển chức năng'), ('change_parent', 'chuyển cơ quan quản lý'), ('restore', 'lập lại')], max_length=16, verbose_name='hình thức')),
                ('old', models.JSONField(default=list, verbose_name='đơn vị cũ')),
                ('new', models.JSONField(default=list, verbose_name='đơn vị mới')),
                ('rules', models.JSONField(blank=True, default=dict, verbose_name='cách chuyển người và việc')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='ghi chú')),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='org.restructuring')),
            ],
            options={
                'verbose_name': 'bước sắp xếp',
                'verbose_name_plural': 'bước sắp xếp',
                'ordering': ['seq', 'id'],
            },
        ),
        migrations.AddIndex(
            model_name='restructuring',
            index=models.Index(condition=models.Q(('done_at', None), ('status', 'approved')), fields=['next_try_at'], name='restructuring_due'),
        ),
        migrations.AddConstraint(
            model_name='restructuring',
            constraint=models.CheckConstraint(condition=models.Q(('approved_by__isnull', True), models.Q(('approved_by', models.F('drafted_by')), _negated=True), _connector='OR'), name='restructuring_second_person'),
        ),
        migrations.AddConstraint(
            model_name='restructuring',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['approved', 'applied', 'closed']), _negated=True), models.Q(('approved_by__isnull', False), ('legal_basis__isnull', False)), _connector='OR'), name='restructuring_has_basis'),
        ),
        migrations.AddIndex(
            model_name='movedrecord',
            index=models.Index(fields=['kind', 'record_id'], name='moved_record'),
        ),
        migrations.AddConstraint(
            model_name='movedrecord',
            constraint=models.UniqueConstraint(fields=('batch', 'kind', 'record_id'), name='moved_once'),
        ),
        migrations.AddIndex(
            model_name='leftover',
            index=models.Index(condition=models.Q(('settled_at', None)), fields=['batch', 'id'], name='leftover_open'),
        ),
        migrations.AddIndex(
            model_name='leftover',
            index=models.Index(fields=['subject_type', 'subject_id'], name='leftover_subject'),
        ),
        migrations.AddConstraint(
            model_name='leftover',
            constraint=models.CheckConstraint(condition=models.Q(('owner_unit__isnull', False), ('owner__isnull', False), _connector='OR'), name='leftover_has_owner'),
        ),
        migrations.AddConstraint(
            model_name='restructuringstep',
            constraint=models.UniqueConstraint(fields=('batch', 'seq'), name='restructuring_step_seq'),
        ),
    ]
