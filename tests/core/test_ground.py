"""Numbers, audit leaves, folding, dates: the mechanisms that all later work reuses."""

import threading
from datetime import date

import pytest
from django import forms
from django.db import connection, transaction
from django.utils import timezone

from core import numbering
from core.errors import RuleError
from core.models import IssuedNumber, NumberSeries
from core.search import fold
from tests import factories as make


@pytest.mark.parametrize(
    "text", ["Đăng ký khai sinh", "dang ky khai sinh", "ĐĂNG  KÝ\tKHAI SINH", "Đăng ký khai sinh"]
)
def test_one_spelling_for_search(text):
    assert fold(text) == "dang ky khai sinh"
    assert fold("Hòa") == fold("Hoà")


@pytest.mark.django_db
def test_a_cancelled_number_is_kept_and_never_given_again():
    someone = make.user()
    with transaction.atomic():
        first = numbering.take("thu:1", subject=someone)
    numbering.cancel(first, reason="ký không thành")
    with transaction.atomic():
        assert numbering.take("thu:1", subject=someone).value == 2
    assert IssuedNumber.objects.get(value=1).cancel_reason == "ký không thành"


@pytest.mark.django_db
def test_a_rollback_gives_the_number_back():
    someone = make.user()
    with pytest.raises(RuntimeError), transaction.atomic():
        numbering.take("thu:2", subject=someone)
        raise RuntimeError
    with transaction.atomic():
        assert numbering.take("thu:2", subject=someone).value == 1


@pytest.mark.django_db
def test_a_closed_series_gives_no_number():
    NumberSeries.objects.create(key="thu:3", closed_at=timezone.now())
    with pytest.raises(RuleError, match="đã khóa"), transaction.atomic():
        numbering.take("thu:3", subject=make.user())


@pytest.mark.django_db(transaction=True)
def test_eight_clerks_at_once_leave_no_gap_and_no_double():
    someone, taken = make.user(), []

    def clerk():
        for _ in range(5):
            with transaction.atomic():
                taken.append(numbering.take("thu:8", subject=someone).value)
        connection.close()

    threads = [threading.Thread(target=clerk) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == list(range(1, 41))


def test_dates_are_read_the_vietnamese_way():
    field = forms.DateField()
    assert field.clean("03/04/2026") == date(2026, 4, 3)
    assert field.clean("25/12/2026") == date(2026, 12, 25)
