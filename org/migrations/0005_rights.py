"""People hold one post for pay at a time, nobody grants a role to himself, nobody hands over what he does not hold.

By the database, so that no door and no import can do otherwise. No extension is needed: a number becomes a range of one.
"""

import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models

ONE_PRIMARY = """
ALTER TABLE org_assignment ADD CONSTRAINT one_primary_post EXCLUDE USING gist (
    int8range(person_id, person_id, '[]') WITH &&, daterange(valid_from, valid_to) WITH &&
) WHERE (kind = 'primary');
"""

GRANTED_BY_ANOTHER = """
CREATE FUNCTION org_granted_by_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.granted_by_id IS NOT NULL AND NEW.granted_by_id = (
        SELECT person.user_id FROM org_assignment hat JOIN org_person person ON person.id = hat.person_id
        WHERE hat.id = NEW.assignment_id
    ) THEN
        RAISE EXCEPTION 'a role is granted by somebody else than its holder'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'granted_by_another';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER granted_by_another BEFORE INSERT OR UPDATE OF granted_by_id, assignment_id ON org_rolegrant
    FOR EACH ROW EXECUTE FUNCTION org_granted_by_another();

CREATE FUNCTION org_decided_by_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.decided_by_id IS NOT NULL AND NEW.grant_id IS NOT NULL AND NEW.decided_by_id = (
        SELECT person.user_id FROM org_assignment hat JOIN org_person person ON person.id = hat.person_id
        WHERE hat.id = NEW.assignment_id
    ) THEN
        RAISE EXCEPTION 'nobody decides about a role for himself'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'decided_by_another';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER decided_by_another BEFORE INSERT OR UPDATE ON org_grantrequest
    FOR EACH ROW EXECUTE FUNCTION org_decided_by_another();
"""

NEVER_PASSED_ON = """
CREATE FUNCTION org_never_passed_on() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wanted text;
BEGIN
    IF (SELECT count(DISTINCT person_id) FROM org_assignment WHERE id IN (NEW.giver_id, NEW.taker_id)) < 2 THEN
        RAISE EXCEPTION 'a delegation goes to another person'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'delegation_to_another_person';
    END IF;
    FOR wanted IN SELECT jsonb_array_elements_text(NEW.roles) LOOP
        IF wanted IN ('unit_admin', 'auditor', 'reorganiser')
           OR (NEW.kind = 'phan_cong_truc' AND wanted IN ('leader', 'clerk', 'hr_officer')) THEN
            RAISE EXCEPTION 'this role is not handed over in this form'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'delegation_allowed_roles';
        END IF;
        IF NOT EXISTS (
            SELECT 1 FROM org_rolegrant held
            WHERE held.assignment_id = NEW.giver_id AND held.role = wanted
              AND daterange(held.valid_from, held.valid_to) && daterange(NEW.valid_from, NEW.valid_to)
        ) THEN
            RAISE EXCEPTION 'a power is handed over only by whom it was granted to, and never passed on'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'delegation_never_passed_on';
        END IF;
    END LOOP;
    RETURN NEW;
END $$;
CREATE TRIGGER never_passed_on BEFORE INSERT OR UPDATE OF giver_id, taker_id, roles, kind ON org_delegation
    FOR EACH ROW EXECUTE FUNCTION org_never_passed_on();
"""

UNDO = """
DROP TRIGGER never_passed_on ON org_delegation;
DROP FUNCTION org_never_passed_on();
DROP TRIGGER decided_by_another ON org_grantrequest;
DROP FUNCTION org_decided_by_another();
DROP TRIGGER granted_by_another ON org_rolegrant;
DROP FUNCTION org_granted_by_another();
ALTER TABLE org_assignment DROP CONSTRAINT one_primary_post;
"""


class Migration(migrations.Migration):
    dependencies = [("org", "0004_restructuring")]

    operations = [
        migrations.RemoveConstraint(model_name="assignment", name="assignment_valid_range"),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.CheckConstraint(
                condition=models.Q(("valid_to__isnull", True), ("valid_to__gte", models.F("valid_from")), _connector="OR"),
                name="assignment_valid_range",
            ),
        ),
        migrations.CreateModel(
            name="Departure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("on", models.DateField(verbose_name="từ ngày")),
                ("reason", models.CharField(max_length=200, verbose_name="lý do")),
                ("decision_no", models.CharField(blank=True, max_length=80, verbose_name="quyết định")),
                ("closes_account", models.BooleanField(default=False, verbose_name="khóa tài khoản")),
                ("ordered_at", models.DateTimeField(auto_now_add=True)),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                ("report", models.JSONField(blank=True, default=list, help_text="[[what, count, to whom]]")),
            ],
            options={
                "verbose_name": "thôi giữ chức vụ",
                "verbose_name_plural": "thôi giữ chức vụ",
            },
        ),
        migrations.CreateModel(
            name="GrantRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("counter_officer", "Cán bộ tiếp nhận và trả kết quả"),
                            ("case_officer", "Công chức thụ lý"),
                            ("unit_head", "Người đứng đầu đơn vị thụ lý"),
                            ("leader", "Lãnh đạo cơ quan"),
                            ("clerk", "Văn thư"),
                            ("hr_officer", "Công chức tổ chức cán bộ"),
                            ("unit_admin", "Quản trị đơn vị"),
                            ("reorganiser", "Công chức sắp xếp tổ chức"),
                            ("auditor", "Người kiểm tra nhật ký"),
                        ],
                        max_length=20,
                        verbose_name="vai trò",
                    ),
                ),
                (
                    "include_descendants",
                    models.BooleanField(default=False, verbose_name="cả đơn vị trực thuộc"),
                ),
                ("valid_from", models.DateField(verbose_name="từ ngày")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="trước ngày")),
                ("reason", models.CharField(max_length=300, verbose_name="lý do")),
                ("asked_at", models.DateTimeField(verbose_name="đề nghị lúc")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="duyệt lúc")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="ý kiến")),
            ],
            options={
                "verbose_name": "đề nghị cấp vai trò",
                "verbose_name_plural": "đề nghị cấp vai trò",
            },
        ),
        migrations.AddConstraint(
            model_name="breakglass",
            constraint=models.CheckConstraint(
                condition=django.db.models.lookups.GreaterThanOrEqual(
                    django.db.models.functions.text.Length("reason"), 20
                ),
                name="break_glass_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="breakglass",
            constraint=models.CheckConstraint(
                condition=models.Q(("user", models.F("reviewed_by")), _negated=True),
                name="break_glass_by_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="breakglass",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("is_justified__isnull", True),
                        ("reviewed_at__isnull", True),
                        ("reviewed_by__isnull", True),
                    ),
                    models.Q(
                        ("is_justified__isnull", False),
                        ("reviewed_at__isnull", False),
                        ("reviewed_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="break_glass_review_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="rolegrant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_to__isnull", True), ("valid_to__gte", models.F("valid_from")), _connector="OR"
                ),
                name="grant_valid_range",
            ),
        ),
        migrations.AddField(
            model_name="departure",
            name="assignment",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="departures",
                to="org.assignment",
            ),
        ),
        migrations.AddField(
            model_name="departure",
            name="ordered_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="departure",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="departures",
                to="org.person",
                verbose_name="nhân sự",
            ),
        ),
        migrations.AddField(
            model_name="departure",
            name="successor",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="người nhận việc",
            ),
        ),
        migrations.AddField(
            model_name="grantrequest",
            name="asked_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="người đề nghị",
            ),
        ),
        migrations.AddField(
            model_name="grantrequest",
            name="assignment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="grant_requests",
                to="org.assignment",
                verbose_name="chức vụ",
            ),
        ),
        migrations.AddField(
            model_name="grantrequest",
            name="decided_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="người duyệt",
            ),
        ),
        migrations.AddField(
            model_name="grantrequest",
            name="grant",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="request",
                to="org.rolegrant",
            ),
        ),
        migrations.AddField(
            model_name="grantrequest",
            name="organization",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="org.organization",
                verbose_name="trên đơn vị",
            ),
        ),
        migrations.AddIndex(
            model_name="departure",
            index=models.Index(
                condition=models.Q(("done_at__isnull", True)), fields=["on"], name="departure_owed"
            ),
        ),
        migrations.AddConstraint(
            model_name="grantrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("asked_by", models.F("decided_by")), _negated=True),
                name="grant_needs_two_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="grantrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("decided_at__isnull", True)),
                fields=("assignment", "role", "organization"),
                name="one_open_request",
            ),
        ),
        migrations.RunSQL(ONE_PRIMARY + GRANTED_BY_ANOTHER + NEVER_PASSED_ON, UNDO),
    ]
