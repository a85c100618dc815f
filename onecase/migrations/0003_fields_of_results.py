"""Results drafted before documents knew their procedure."""

from django.db import migrations

TELL = """
UPDATE documents_document document
SET procedure_code = procedure.code, field = procedure.field
FROM onecase_case record JOIN onecase_procedure procedure ON procedure.id = record.procedure_id
WHERE record.result_document_id = document.id AND document.procedure_code = ''
"""


class Migration(migrations.Migration):
    dependencies = [("onecase", "0002_initial"), ("documents", "0003_field_and_capacity")]

    operations = [migrations.RunSQL(TELL, migrations.RunSQL.noop)]
