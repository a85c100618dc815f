"""Indexes for what clerks type: the end and the tail of a code, the end of a telephone number."""

from django.contrib.postgres.indexes import OpClass
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Reverse, StrIndex, Substr

TAIL = Substr("code", StrIndex("code", models.Value("-")) + models.Value(1))


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("onecase", "0003_fields_of_results")]

    operations = [
        AddIndexConcurrently(
            "case", models.Index(OpClass(Reverse("code"), "text_pattern_ops"), name="case_code_end")
        ),
        AddIndexConcurrently("case", models.Index(OpClass(TAIL, "text_pattern_ops"), name="case_code_tail")),
        AddIndexConcurrently(
            "party", models.Index(OpClass(Reverse("phone"), "text_pattern_ops"), name="party_phone_end")
        ),
    ]
