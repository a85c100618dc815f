"""Whose book it is: a unit that has ended gets no more numbers. Keys name the unit in their second part."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0004_transparency_log"), ("org", "0004_restructuring")]

    operations = [
        migrations.AddField(
            model_name="numberseries",
            name="owner",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="org.organization",
                verbose_name="của đơn vị",
            ),
        ),
        migrations.RunSQL(
            "UPDATE core_numberseries s SET owner_id = o.id FROM org_organization o "
            "WHERE s.key ~ '^(case|doc):[0-9]+:' AND o.id = split_part(s.key, ':', 2)::bigint",
            migrations.RunSQL.noop,
        ),
    ]
