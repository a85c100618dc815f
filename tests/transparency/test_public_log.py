"""The public log and the proof of one event: pages, JSON, who may have a proof, and the offline check as a process."""

import copy
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import audit, tasks
from core.models import AuditBatch, AuditEvent
from core.transparency import holders, keys, proofs, sequencer
from onecase import actions
from tests import factories as make

pytestmark = pytest.mark.django_db
SCRIPT = Path(__file__).parents[2] / "scripts" / "check_proof.py"


def check(folder: Path, told: dict, *arguments: str, **environment: str) -> tuple[int, str]:
    """The offline check as anybody runs it."""
    (folder / "proof.json").write_text(json.dumps(told, ensure_ascii=False))
    run = subprocess.run(
        [sys.executable, "-I", str(SCRIPT), str(folder / "proof.json"), *arguments],
        capture_output=True, text=True, env={**os.environ, **environment}, check=False,
    )  # fmt: skip
    assert not run.stderr
    return run.returncode, run.stdout


def trusted(folder: Path) -> tuple[str, str]:
    """--keys with the keys that are published now."""
    published = {"keys": [{"id": key.id, "public": key.text} for key in keys.published().values()]}
    (folder / "trusted.json").write_text(json.dumps(published))
    return "--keys", str(folder / "trusted.json")


class TestPages:
    def test_an_empty_log_says_so(self, client):
        answer = client.get("/du-lieu/nhat-ky/")
        assert answer.status_code == 200 and "Chưa có lô nào" in answer.content.decode()

    def test_latest_batches_keys_and_holders(self, client, write, settings):
        write(12)
        text = client.get("/du-lieu/nhat-ky/").content.decode()
        assert "Lô 3" in text and "thư mục chỉ ghi một lần" in text
        assert next(iter(keys.published())) in text
        batch = AuditBatch.objects.get(number=2)
        page = client.get("/du-lieu/nhat-ky/lo/2/").content.decode()
        assert bytes(batch.root).hex() in page and "Lô sau" in page
        assert client.get("/du-lieu/nhat-ky/lo/9/").status_code == 404
        assert client.get(f"/du-lieu/nhat-ky/lo/{10**30}/").status_code == 404

    def test_older_batches_by_key(self, client, write):
        for _n in range(22):
            write(1)
        text = client.get("/du-lieu/nhat-ky/").content.decode()
        assert "Lô 22<" in text and "Lô 2<" not in text and "?truoc=3" in text
        assert "Lô 2<" in client.get("/du-lieu/nhat-ky/?truoc=3").content.decode()
        assert client.get("/du-lieu/nhat-ky/?truoc=x").status_code == 200

    def test_as_many_queries_for_one_batch_as_for_many(self, client, write):
        counts = []
        for more in (1, 60):
            write(more)
            for address in ("/du-lieu/nhat-ky/", "/du-lieu/nhat-ky/lo.json?tu=1"):
                with CaptureQueriesContext(connection) as queries:
                    client.get(address)
                counts.append(len(queries))
        assert counts[:2] == counts[2:]

    def test_no_word_of_any_event_is_published(self, client, unit):
        audit.record("unit.thu", actor=make.user("Trần Bí Mật"), subject=unit, note="chuyện riêng")
        sequencer.run()
        for address in ("", "lo/1/", "lo/1.json", "lo.json", "khoa.json"):
            text = client.get(f"/du-lieu/nhat-ky/{address}").content.decode()
            assert "Trần Bí Mật" not in text and "chuyện riêng" not in text and "unit.thu" not in text


class TestJson:
    def test_a_mirror_reads_all_batches_page_by_page(self, client, write, monkeypatch):
        from core import views_transparency

        monkeypatch.setattr(views_transparency, "PAGE", 2)
        write(23)
        found, address = [], "/du-lieu/nhat-ky/lo.json?tu=1"
        while address:
            page = client.get(address).json()
            found += [batch["header"]["number"] for batch in page["batches"]]
            address = page["next"]
        assert found == [1, 2, 3, 4, 5]

    def test_one_batch_and_keys_suffice_to_check_the_signature(self, client, write):
        write(3)
        told = client.get("/du-lieu/nhat-ky/lo/1.json")
        (key,) = client.get("/du-lieu/nhat-ky/khoa.json").json()["keys"]
        kept = next(holders.folder().kept(1, 1))
        assert told.json()["header"] == kept.header.as_json()
        assert keys.matches(keys.published()[key["id"]].raw, kept.header.message, kept.signature)
        assert "public" in told["Cache-Control"] and told["Access-Control-Allow-Origin"] == "*"

    def test_the_script_can_be_downloaded(self, client):
        answer = client.get("/du-lieu/nhat-ky/kiem-tra-nhat-ky.py")
        assert answer.content == SCRIPT.read_bytes()
        assert "kiem-tra-nhat-ky.py" in answer["Content-Disposition"]


class TestOfflineCheck:
    @pytest.fixture
    def told(self, write, pki) -> dict:
        pki.prepare()
        pki.register_anchor()
        events = write(23)
        tasks.stamp_audit()
        return proofs.proof(events[7], with_texts=True)

    def test_a_good_proof_of_every_event(self, told, tmp_path, client):
        (tmp_path / "keys.json").write_text(client.get("/du-lieu/nhat-ky/khoa.json").content.decode())
        (tmp_path / "batch.json").write_text(client.get("/du-lieu/nhat-ky/lo/2.json").content.decode())
        code, text = check(
            tmp_path, told, "--keys", str(tmp_path / "keys.json"), "--batch", str(tmp_path / "batch.json")
        )
        assert code == 0 and "ĐÚNG" in text and "Đứng số 8" in text and "Dấu thời gian" in text
        for event in AuditEvent.objects.all():
            assert check(tmp_path, proofs.proof(event), *trusted(tmp_path))[0] == 0

    def test_without_a_trusted_key_the_verdict_is_reserved(self, told, tmp_path):
        """Anybody can sign a log of his own: the key inside the file proves nothing about whose log it is."""
        code, text = check(tmp_path, told)
        assert code == 3 and "ĐÚNG" not in text
        assert "Chỉ kiểm tra được phần bên trong; chưa đối chiếu khóa" in text

    def test_what_cannot_be_read_is_said_in_words(self, told, tmp_path):
        (tmp_path / "half.json").write_text('{"keys": [')
        (tmp_path / "other.json").write_text('{"a": 1}')
        for arguments, words in (
            (("--keys", str(tmp_path / "none.json")), "Không có tệp"),
            (("--keys", str(tmp_path)), "là thư mục"),
            (("--keys", str(tmp_path / "half.json")), "không phải JSON"),
            (("--keys", str(tmp_path / "other.json")), "không đúng mẫu"),
            (("--ca", str(tmp_path / "none.pem")), "Không có tệp"),
        ):
            code, text = check(tmp_path, told, *arguments)
            assert code == 2 and words in text and "Error" not in text

    def test_by_the_openssl_command_alone(self, told, tmp_path):
        (tmp_path / "cryptography").mkdir()
        (tmp_path / "cryptography" / "__init__.py").write_text("raise ImportError")
        bare = [sys.executable, "-S", str(SCRIPT), str(tmp_path / "proof.json"), *trusted(tmp_path)]
        (tmp_path / "proof.json").write_text(json.dumps(told))
        environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
        assert subprocess.run(bare, env=environment, capture_output=True, check=False).returncode == 0
        told["batch"]["signature"] = "00" * 64
        (tmp_path / "proof.json").write_text(json.dumps(told))
        assert subprocess.run(bare, env=environment, capture_output=True, check=False).returncode == 1

    def test_the_timestamp_by_openssl(self, told, tmp_path, pki):
        (tmp_path / "ca.pem").write_text(pki.chain_pem() + Path(pki._place("root.pem")).read_text())
        code, text = check(tmp_path, told, "--ca", str(tmp_path / "ca.pem"), *trusted(tmp_path))
        assert code == 0 and "đã kiểm chữ ký của tổ chức cấp" in text

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            (lambda p: p["event"]["facts"].update(after="x"), "đã bị sửa"),
            (lambda p: p["event"]["facts"].pop("after"), "thiếu hoặc thừa"),
            (lambda p: p["event"]["texts"].update(note="khác"), "Nội dung kèm theo không khớp"),
            (lambda p: p["event"].update(number=1), "không nằm trong lô"),
            (lambda p: p["entry"].update(seq=9), "không nằm trong lô"),
            (lambda p: p["entry"].update(seq=99), "nằm ngoài lô"),
            (lambda p: p["entry"]["path"].pop(), "thiếu nút"),
            (lambda p: p["entry"]["path"].append("00" * 32), "thừa nút"),
            (lambda p: p["batch"]["header"].update(closed_at=1), "Chữ ký của lô không đúng"),
            (lambda p: p["batch"].update(signature="00" * 64), "Chữ ký của lô không đúng"),
            (lambda p: p["key"].update(public="A" * 43 + "="), "không đúng mã khóa"),
            (lambda p: p["stamp"]["chain"].pop(), "không cấp cho lô này"),
            (lambda p: p["stamp"]["chain"].pop(0), "bị đứt"),
            (lambda p: p.update(format="x"), "bản khác"),
        ],
    )
    def test_a_proof_that_was_touched(self, told, tmp_path, change, words):
        told = copy.deepcopy(told)
        change(told)
        code, text = check(tmp_path, told)
        assert code == 1 and words in text

    def test_a_proof_by_another_key_against_the_published_ones(self, told, tmp_path, settings):
        settings.AUDIT_KEY = keys.new_secret()[0]
        other = {"keys": [{"id": key.id, "public": key.text} for key in keys.published().values()]}
        (tmp_path / "keys.json").write_text(json.dumps(other))
        code, text = check(tmp_path, told, "--keys", str(tmp_path / "keys.json"))
        assert code == 1 and "không nằm trong danh sách" in text

    def test_another_batch_at_the_holder(self, told, tmp_path):
        kept = copy.deepcopy(told["batch"])
        kept["header"]["root"] = "00" * 32
        (tmp_path / "batch.json").write_text(json.dumps(kept))
        code, text = check(tmp_path, told, "--batch", str(tmp_path / "batch.json"))
        assert code == 1 and "nơi khác giữ" in text

    def test_no_proof_at_all(self, tmp_path):
        (tmp_path / "proof.json").write_text("[]")
        run = subprocess.run(
            [sys.executable, str(SCRIPT), str(tmp_path / "proof.json")], capture_output=True, check=False
        )
        assert run.returncode == 2

    def test_the_proof_holds_after_the_texts_were_erased(self, write, tmp_path):
        (event,) = write(1)
        audit.erase(event, "Quyết định 12")
        event.refresh_from_db()
        told = proofs.proof(event, with_texts=True)
        assert "texts" not in told["event"]
        assert check(tmp_path, told, *trusted(tmp_path))[0] == 0


class TestWhoMayHaveAProof:
    @pytest.fixture
    def world(self):
        return make.commune()

    @pytest.fixture
    def case(self, world):
        case = make.case(world)
        make.looked_at(case, world.counter_officer)
        actions.accept(case.pk, actor=world.counter_officer)
        sequencer.run(batches=99)
        return case

    def get(self, client, user, event):
        if user:
            client.force_login(user)
        return client.get(f"/nhat-ky/{event.pk}/chung-minh.json")

    def event_of(self, case, name):
        return AuditEvent.objects.get(subject_type="onecase.case", subject_id=case.pk, event=name)

    def test_the_applicant_without_the_texts(self, client, case, tmp_path):
        answer = self.get(client, case.applicant, self.event_of(case, "case.accept"))
        assert answer.status_code == 200 and "attachment" in answer["Content-Disposition"]
        assert "texts" not in answer.json()["event"]
        assert check(tmp_path, answer.json(), *trusted(tmp_path))[0] == 0

    def test_the_inner_life_is_not_the_applicants(self, client, case, world):
        audit.record_read(world.counter_officer, case, "case.read_number")
        sequencer.run()
        event = self.event_of(case, "case.read_number")
        assert self.get(client, case.applicant, event).status_code == 404
        assert self.get(client, world.counter_officer, event).status_code == 200

    def test_who_serves_the_case_gets_the_texts_too(self, client, case, world):
        answer = self.get(client, world.counter_officer, self.event_of(case, "case.accept"))
        assert answer.json()["event"]["texts"]["actor_name"] == world.counter_officer.full_name

    def test_strangers_do_not_learn_that_it_exists(self, client, case):
        event = self.event_of(case, "case.accept")
        assert self.get(client, None, event).status_code == 302
        for stranger in (make.citizen(), make.commune("phường Khác").counter_officer):
            assert self.get(client, stranger, event).status_code == 404
        assert client.get(f"/nhat-ky/{10**25}/chung-minh.json").status_code == 404

    def test_an_event_of_this_second_has_no_proof_yet(self, client, case, world):
        event = audit.record("case.attach", actor=world.counter_officer, subject=case)
        answer = self.get(client, world.counter_officer, event)
        assert answer.status_code == 409 and "đang được đánh số" in answer.content.decode()

    def test_both_timelines_offer_it(self, client, case, world):
        event = self.event_of(case, "case.accept")
        for user, address in (
            (case.applicant, f"/ho-so/{case.code}/"),
            (world.counter_officer, f"/lam-viec/ho-so/{case.code}/"),
        ):
            client.force_login(user)
            assert f"/nhat-ky/{event.pk}/chung-minh.json" in client.get(address).content.decode()


def test_the_sequencing_command_says_what_it_did(unit):
    audit.record("unit.thu", actor=None, subject=unit)
    out = io.StringIO()
    call_command("audit_sequence", export=True, stdout=out)
    assert "Đã chốt 1 lô, còn 0" in out.getvalue() and "Đã gửi 1 lô" in out.getvalue()
    assert shutil.which("openssl")
