"""The demo: everybody at his post, every status with a history that could have happened, the same each time."""

import itertools
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.utils import timezone

from core import audit, office_calendar
from core.models import AuditEvent, NumberSeries
from haiphong_egov.seeds import cases, history, offers, people, plan
from notices.models import Notice
from onecase import clock, eforms, rules
from onecase.choices import BusinessStatus as S
from onecase.models import Case, CaseFile, ComponentCheck, HandOver, LegalForm, Party, Pause, Rating, StepRun
from org import crypto
from org.choices import IdentityLevel, Role
from org.models import CitizenIdentity, Organization, RoleGrant, User
from signing.models import SigningKey

pytestmark = pytest.mark.django_db  # so that a database is made when the file runs alone
STAFFED = ["ubnd-phuong-ngo-quyen", "ubnd-xa-vinh-bao", "stc"]
ROLES = [Role.COUNTER_OFFICER, Role.CASE_OFFICER, Role.UNIT_HEAD, Role.LEADER, Role.CLERK, Role.HR_OFFICER]


def told_cases() -> list[Case]:
    return list(Case.objects.select_related("version", "procedure", "procedure_case", "agency", "applicant"))


@pytest.mark.usefixtures("demo")
class TestPeople:
    def test_forty_citizens_with_sound_ids(self) -> None:
        identities = CitizenIdentity.objects.select_related("user")
        assert identities.count() == 40
        numbers = {identity.number for identity in identities}
        assert len(numbers) == 40
        for identity in identities:
            assert len(identity.number) == 12 and identity.number.isdigit()
            assert identity.birth_on is not None
            assert identity.number[4:6] == f"{identity.birth_on.year % 100:02d}"
            assert int(identity.number[3]) in ((2, 3) if identity.birth_on.year >= 2000 else (0, 1))
            assert int(identity.number[6:]) >= 900_000  # the range for invented people
            assert len(identity.user.phone) == 10

    def test_whoever_is_proven_knows_by_whom_and_when(self) -> None:
        """Those whom the simulated provider has proven meanwhile included."""
        for identity in CitizenIdentity.objects.all():
            proven = identity.level >= IdentityLevel.PROVEN
            assert bool(identity.proven_by) == bool(identity.proven_at) == proven

    @pytest.mark.parametrize("agency", STAFFED)
    @pytest.mark.parametrize("role", ROLES)
    def test_every_role_is_filled(self, agency: str, role: Role) -> None:
        units = {*Organization.objects.filter(agency__slug=agency).values_list("pk", flat=True)}
        if agency == "stc":
            units |= {*Organization.objects.filter(slug="ttpvhcc-tp").values_list("pk", flat=True)}
        assert RoleGrant.objects.valid_on().filter(role=role, organization__in=units).exists()

    def test_two_people_have_two_hats(self) -> None:
        many = [user for user in User.objects.filter(person__isnull=False) if len(user.hats) > 1]
        assert [user.email.split("@")[0] for user in many] == ["vanxa.nq", "vanphong.vb"]
        assert many[0].hats[0].organization.symbol == "VHXH"

    def test_everybody_can_sign_in(self, demo: Any) -> None:
        assert User.objects.filter(is_superuser=True, is_staff=True).count() == 1
        assert not User.objects.exclude(
            pk__in=EmailAddress.objects.filter(verified=True).values("user")
        ).exists()
        user = User.objects.get(email=demo.people[0]["email"])
        assert user.check_password(demo.people[0]["password"])

    def test_staff_have_an_authenticator_app_and_citizens_do_not(self, demo: Any) -> None:
        for user in User.objects.all():
            assert user.has_second_factor == user.must_use_second_factor, user.email
        secret = next(row["totp_secret"] for row in demo.people if row["totp_secret"])
        holder = Authenticator.objects.get(user__email=people.ADMIN)
        assert crypto.unseal(holder.data["secret"]) == secret and secret not in str(holder.data)

    def test_the_command_shows_the_code_of_the_moment(
        self, settings: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        settings.DEBUG = True
        call_command("demo_code")
        holder = Authenticator.objects.get(user__email=people.ADMIN)
        assert holder.wrap().validate_code(capsys.readouterr().out.strip())
        settings.DEBUG = False
        with pytest.raises(CommandError):
            call_command("demo_code")

    def test_the_list_follows_the_walk(self, demo: Any) -> None:
        assert 20 <= len(demo.people) <= 40
        assert [row["email"].split("@")[0] for row in demo.people][:6] == [
            "congdan1", "motcua.nq", "vanphong.nq", "hotich.nq", "chutich.nq", "vanthu.nq",
        ]  # fmt: skip
        assert sum(row["post"] == "Công dân" for row in demo.people) == 3
        for row in demo.people:
            assert set(row) == {"email", "password", "pin", "totp_secret", "name", "post", "unit", "can_try"}
            assert bool(row["totp_secret"]) == (row["post"] != "Công dân")
            assert row["can_try"]
            if row["pin"]:
                assert SigningKey.objects.filter(custodies__user__email=row["email"]).exists()

    def test_keys(self) -> None:
        kinds = sorted(SigningKey.objects.values_list("kind", flat=True))
        assert kinds == ["personal"] * 8 + ["seal"] * 4 + ["system"] * 3


@pytest.mark.usefixtures("demo")
class TestCases:
    def test_three_hundred_in_every_status(self) -> None:
        counts = cases.counts()
        assert sum(counts.values()) == 300
        assert set(counts) == set(S.values)

    def test_some_late_some_paused(self) -> None:
        now = timezone.now()
        finished = Case.objects.filter(finished_at__isnull=False, due_at__isnull=False)
        late = sum(case.finished_at > case.due_at for case in finished if case.finished_at and case.due_at)
        assert 5 <= late <= 60
        assert 3 <= Case.objects.overdue(now).count() <= 40
        assert (
            Pause.objects.filter(ended_at__isnull=True).count()
            == Case.objects.filter(business_status=S.SUPPLEMENT_REQUIRED).count()
        )

    def test_the_history_lies_in_the_sixty_days_before(self) -> None:
        today = timezone.localdate()
        first = min(timezone.localdate(case.created_at) for case in told_cases())
        assert 40 <= (today - first).days <= plan.DAYS + 1
        assert not AuditEvent.objects.filter(at__gt=timezone.now()).exists()

    def test_due_times_are_those_of_the_clock(self) -> None:
        for case in told_cases():
            if case.received_at is None:
                assert case.due_at is None
            elif case.business_status != S.STOPPED:  # a case that stops in a pause keeps its last due time
                due = clock.due_of(case)
                assert case.due_at == (due.at if due else None), case.code

    def test_each_history_follows_the_workflow(self) -> None:
        rows = AuditEvent.objects.filter(subject_type="onecase.case").order_by("at", "id")
        by_case: dict[int, list[AuditEvent]] = {}
        for row in rows:
            by_case.setdefault(row.subject_id, []).append(row)
            assert row.event in audit.SENTENCES
            assert bytes(row.leaf) == audit.leaf_of(row)
        for case in told_cases():
            moves = [row for row in by_case[case.pk] if row.after]
            assert moves[-1].after == case.business_status
            for one, other in itertools.pairwise(moves):
                assert one.after == other.before, case.code
            for row in moves:
                verb = row.event.removeprefix("case.")
                if verb in history.AFTER:
                    sources, target = history.AFTER[verb]
                    assert row.before in sources and row.after == target

    def test_acts_were_done_by_those_who_may(self) -> None:
        """The rule of each move holds for its actor (some records may have moved on since)."""
        questions = {
            "case.accept": rules.at_counter,
            "case.hand_over": rules.at_counter,
            "case.request_supplement": rules.heads_unit,
            "case.submit_for_approval": rules.handles,
            "case.approve": rules.leads,
        }
        known = {case.pk: case for case in told_cases()}
        actors = {user.pk: user for user in User.objects.all()}
        rows = AuditEvent.objects.filter(event__in=questions)
        assert rows.count() > 400
        for row in rows:
            assert row.actor_id is not None
            actor = actors[row.actor_id]
            assert questions[row.event](actor, known[row.subject_id]), (row.event, actor.email)
            assert row.actor_name and row.post_name and row.unit_name

    def test_codes_are_unique_and_the_series_go_on(self) -> None:
        codes = list(Case.objects.exclude(code=None).values_list("code", flat=True))
        assert len(codes) == len(set(codes)) == 300 - plan.TOLD[S.DRAFT]
        for series in NumberSeries.objects.filter(key__startswith="case:"):
            assert sorted(series.numbers.values_list("value", flat=True)) == list(range(1, series.last + 1))

    def test_what_hangs_on_them(self) -> None:
        assert not Case.objects.exclude(business_status=S.DRAFT).filter(parties__isnull=True).exists()
        handed = Case.objects.filter(handling_unit__isnull=False)
        assert HandOver.objects.count() == handed.count()
        for model in (ComponentCheck, StepRun, CaseFile, Rating, Pause):
            assert model.objects.exists()
        assert not Rating.objects.exclude(case__business_status=S.RETURNED).exists()
        party = Party.objects.exclude(number_sealed="").first()
        assert party is not None and party.number_index == crypto.blind_index(party.number)

    def test_no_email_is_owed_for_the_past(self) -> None:
        assert not Notice.objects.due(timezone.now()).exists()
        assert Notice.objects.filter(read_at__isnull=True).exists()

    def test_answers_pass_their_forms(self) -> None:
        calendar = office_calendar.load()
        forms = {code: offer.form for code, offer in offers.read_offers().items()}
        checked = 0
        for case in told_cases():
            form = forms.get(case.procedure.code)
            if form is None or case.submitted_at is None:
                continue
            attached = dict.fromkeys(case.files.values_list("form_field", flat=True), 1)
            if not attached and case.channel != "2":  # papers lay on the counter
                attached = {item.name: 1 for item in form.file_fields()} | {
                    eforms.path(item, row, part): 1
                    for item in form.fields()
                    for part in item.fields
                    for row in case.answers.get(item.name, [])
                }
            situation = eforms.Situation(
                timezone.localdate(case.submitted_at), attached, is_working_day=calendar.is_working_day
            )
            outcome = eforms.check(form, case.answers, situation)
            if case.channel == "2":
                assert outcome.is_valid, (case.procedure.code, outcome.errors)
            checked += 1
        assert checked > 80


class TestSigned:
    def test_results_are_really_signed_and_sealed(self, demo: Any) -> None:
        assert len(demo.verdicts) == 10  # six results of cases, four official documents
        assert set(demo.verdicts) == {"valid"}

    def test_no_electronic_result_without_a_signature(self, demo: Any) -> None:
        finished = Case.objects.filter(business_status__in=[S.COMPLETED, S.RETURNED, S.REFUSED])
        electronic = finished.exclude(result_document=None)
        assert electronic.count() == 6
        assert not electronic.exclude(result_document__status="issued").exists()
        assert set(finished.filter(result_document=None).values_list("return_way", flat=True)) == {"counter"}

    def test_forms_are_sealed(self, demo: Any) -> None:
        assert sorted(LegalForm.objects.values_list("form_no", flat=True)) == ["01", "01", "02"]
        assert not LegalForm.objects.filter(stored=None).exists()

    def test_leaders_and_clerks_have_work(self, demo: Any) -> None:
        assert (
            Case.objects.filter(
                business_status=S.AWAITING_APPROVAL, result_document__status="submitted"
            ).count()
            == 6
        )
        assert Case.objects.filter(business_status=S.APPROVED, result_document__status="signed").count() == 2

    def test_the_walk_finds_its_cases(self, demo: Any) -> None:
        def of(name: str) -> list[str]:
            return list(
                Case.objects.filter(applicant__email=f"{name}@{people.DOMAIN}").values_list(
                    "business_status", flat=True
                )
            )

        assert of("congdan1") == []
        assert of("congdan2") == [S.COMPLETED]
        assert of("congdan3") == [S.SUPPLEMENT_REQUIRED]


class TestRepeating:
    def test_in_time_and_once(self, demo: Any) -> None:
        assert demo.seconds < 120  # 30 on a quiet machine
        assert demo.again < 2
        assert User.objects.filter(email=people.ADMIN).count() == 1
