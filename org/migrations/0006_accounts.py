"""Accounts: sign-in by mail or telephone; allauth's records under names that administrators read."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("org", "0005_rights"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("usersessions", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="phone_verified_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="số điện thoại xác nhận lúc"),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(
                condition=models.Q(("phone_verified_at__isnull", False)),
                fields=("phone",),
                name="proven_phone_once",
            ),
        ),
        migrations.CreateModel(
            name="SecondFactor",
            fields=[],
            options={
                "verbose_name": "lớp bảo vệ thứ hai",
                "verbose_name_plural": "lớp bảo vệ thứ hai",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("mfa.authenticator",),
        ),
        migrations.CreateModel(
            name="SignedIn",
            fields=[],
            options={
                "verbose_name": "nơi đang đăng nhập",
                "verbose_name_plural": "nơi đang đăng nhập",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("usersessions.usersession",),
        ),
    ]
