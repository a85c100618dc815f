"""Citizens: how a number was proven, copies of one's data, requests for correction and deletion."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0004_transparency_log'),
        ('org', '0006_accounts'),
    ]

    operations = [
        migrations.AddField(
            model_name='citizenidentity',
            name='proven_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='xác minh lúc'),
        ),
        migrations.AddField(
            model_name='citizenidentity',
            name='proven_by',
            field=models.CharField(blank=True, max_length=80, verbose_name='xác minh bởi'),
        ),
        migrations.AlterField(
            model_name='citizenidentity',
            name='level',
            field=models.PositiveSmallIntegerField(choices=[(0, 'chưa khai số định danh'), (1, 'tự khai, chưa xác minh'), (2, 'đã xác minh'), (3, 'đã xác minh ở mức cao')], default=1, verbose_name='mức độ định danh'),
        ),
        migrations.AlterField(
            model_name='user',
            name='email',
            field=models.EmailField(blank=True, max_length=254, null=True, unique=True, verbose_name='thư điện tử'),
        ),
        migrations.CreateModel(
            name='DataCopy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('next_try_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='lần thử tới')),
                ('attempts', models.PositiveIntegerField(default=0, verbose_name='số lần thử')),
                ('last_error', models.TextField(blank=True, verbose_name='lỗi gần nhất')),
                ('done_at', models.DateTimeField(blank=True, null=True, verbose_name='xong lúc')),
                ('given_up_at', models.DateTimeField(blank=True, null=True, verbose_name='dừng thử lúc')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='tạo lúc')),
                ('expires_at', models.DateTimeField(blank=True, null=True, verbose_name='tải được đến')),
                ('as_json', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.storedfile')),
                ('as_pdf', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.storedfile')),
                ('as_zip', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.storedfile')),
                ('job', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.job')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='data_copies', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'bản sao dữ liệu cá nhân',
                'verbose_name_plural': 'bản sao dữ liệu cá nhân',
                'indexes': [models.Index(condition=models.Q(('done_at__isnull', True), ('given_up_at__isnull', True)), fields=['next_try_at'], name='data_copy_due')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('done_at__isnull', True), ('given_up_at__isnull', True)), fields=('user',), name='one_data_copy_at_a_time')],
            },
        ),
        migrations.CreateModel(
            name='DataRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('correction', 'yêu cầu sửa dữ liệu'), ('deletion', 'yêu cầu xóa dữ liệu')], max_length=12, verbose_name='loại')),
                ('status', models.CharField(choices=[('submitted', 'chờ tiếp nhận'), ('in_hand', 'đang xem xét'), ('fulfilled', 'đã thực hiện'), ('refused', 'không thực hiện'), ('withdrawn', 'đã rút')], default='submitted', max_length=12, verbose_name='trạng thái')),
                ('text_sealed', models.TextField()),
                ('answer_sealed', models.TextField(blank=True)),
                ('outcome', models.JSONField(blank=True, default=dict, verbose_name='đã làm')),
                ('created_at', models.DateTimeField(verbose_name='gửi lúc')),
                ('answered_at', models.DateTimeField(blank=True, null=True, verbose_name='trả lời lúc')),
                ('officer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='người xử lý')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.organization', verbose_name='đơn vị trả lời')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='data_requests', to=settings.AUTH_USER_MODEL, verbose_name='người yêu cầu')),
            ],
            options={
                'verbose_name': 'yêu cầu về dữ liệu cá nhân',
                'verbose_name_plural': 'yêu cầu về dữ liệu cá nhân',
                'indexes': [models.Index(fields=['unit', 'status', 'id'], name='data_request_list')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status__in', ['in_hand', 'submitted'])), fields=('user', 'kind'), name='one_open_data_request')],
            },
        ),
    ]
