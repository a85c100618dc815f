"""Which procedure a result belongs to, and in what capacity it was signed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("documents", "0002_initial")]

    operations = [
        migrations.AddField(
            model_name="document",
            name="field",
            field=models.CharField(blank=True, max_length=120, verbose_name="lĩnh vực"),
        ),
        migrations.AddField(
            model_name="document",
            name="procedure_code",
            field=models.CharField(blank=True, max_length=20, verbose_name="mã thủ tục"),
        ),
        migrations.AddField(
            model_name="document",
            name="signed_for_printed",
            field=models.CharField(
                blank=True,
                help_text="who gave the power, and by what",
                max_length=500,
                verbose_name="ký thay mặt, khi ban hành",
            ),
        ),
        migrations.AddField(
            model_name="document",
            name="signer_lines_printed",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text="lines above the signature",
                verbose_name="thể thức ký khi ban hành",
            ),
        ),
    ]
