"""People ask in their own words; the catalogue answers in the law's."""

import pytest
from django.core.management import call_command

from onecase import search

pytestmark = pytest.mark.django_db


@pytest.fixture
def catalogue(db: None) -> None:
    call_command("load_reference", verbosity=0)


def test_sayings_find_the_procedure_first(catalogue):
    """One catalogue for all of them: loading it takes seconds."""
    wanted = {
        "làm giấy cho con mới đẻ": "1.001193",
        "xin giấy độc thân": "1.004873",
        "nhập khẩu cho vợ": "1.004222",
        "nhap ho khau cho con": "1.004222",
        "cắt khẩu": "1.003197",
        "sao y bản chính": "2.000815",
    }
    assert {said: search.find(said).procedures[0].code for said in wanted} == wanted
    # Every line of the data leads somewhere.
    assert [means for _said, means in search._spoken() if not search.find(means).procedures] == []


def test_signs_without_letters_find_nothing_and_an_empty_question_everything(catalogue):
    assert search.find("😀").count == 0
    assert search.find("…?!").count == 0
    assert search.find("").count == search.find("   ").count > 50
