"""Which cases the demo holds: how many in each status, of which procedures, where. Plain data."""

from dataclasses import dataclass

from onecase.choices import BusinessStatus as S

DAYS = 60
# Statuses of cases that are told by their history alone; finished ones among them end with a paper at the counter.
TOLD: dict[S, int] = {
    S.DRAFT: 9,
    S.SUBMITTED: 16,
    S.INTAKE_RETURNED: 8,
    S.INTAKE_REJECTED: 7,
    S.ACCEPTED: 7,
    S.FORWARDED: 11,
    S.APPRAISING: 38,
    S.SUPPLEMENT_PROPOSED: 4,
    S.SUPPLEMENT_REQUIRED: 11,
    S.WITHDRAWAL_REQUESTED: 3,
    S.WITHDRAWN: 5,
    S.STOPPED: 4,
    S.COMPLETED: 22,
    S.REFUSED: 3,
    S.RETURNED: 137,
}


@dataclass(frozen=True)
class Special:
    """A case that goes on by the real actions after its told history, or that a page of the walk needs.

    `then`: "" (told to its status), submit (a draft waits for the leader), sign (signed, the seal is missing),
    issue (sealed: the case has its result), collect (fetched online), refuse (a signed refusal).
    """

    place: str
    procedure: str
    then: str = ""
    status: S = S.APPRAISING
    citizen: int | None = None
    rated: bool = False


SPECIAL: list[Special] = [
    Special("nq", "1.004873", status=S.SUPPLEMENT_REQUIRED, citizen=3),
    Special("nq", "1.001193", "issue", citizen=2),
    Special("nq", "1.014027", "issue"),
    Special("vb", "1.000656", "issue"),
    Special("stc", "2.001610", "issue"),
    Special("nq", "1.000894", "collect", rated=True),
    Special("nq", "1.001612", "refuse"),
    Special("nq", "1.001193", "sign"),
    Special("vb", "1.004873", "sign"),
    Special("nq", "1.001193", "submit"),
    Special("nq", "1.004873", "submit"),
    Special("nq", "1.000656", "submit"),
    Special("vb", "1.000894", "submit"),
    Special("vb", "1.013978", "submit"),
    Special("stc", "2.001610", "submit"),
]

PLACES = {"nq": 48, "vb": 34, "stc": 18}

# How often a procedure is asked for at a commune. Guesses for a lively list, not statistics.
COMMUNE = {
    "1.001193": 18,
    "1.004873": 14,
    "1.000656": 8,
    "1.000894": 8,
    "2.000815": 9,
    "2.000635": 7,
    "2.000884": 4,
    "1.004859": 5,
    "1.004884": 3,
    "1.001022": 2,
    "1.004837": 1,
    "2.001035": 3,
    "2.001406": 1,
    "1.001612": 8,
    "2.000720": 4,
    "1.001266": 3,
    "1.001570": 2,
    "1.013978": 5,
    "1.013225": 5,
    "1.012812": 1,
    "1.014027": 6,
    "1.001776": 4,
    "1.001731": 3,
    "1.001699": 2,
    "1.010833": 1,
}
DEPARTMENT = {"2.001610": 1}

PRAISE = [
    "Cán bộ hướng dẫn rõ ràng, nhận kết quả đúng hẹn.",
    "Nộp trực tuyến tiện, không phải đi lại.",
    "Nên ghi rõ hơn giấy tờ cần chụp.",
]
COMPLAINTS = ["Phải đợi lâu tại quầy.", "Hỏi qua điện thoại không có người trả lời."]
STOP_NOTES = [
    "Người nộp đề nghị dừng vì việc đã được giải quyết ở hồ sơ khác.",
    "Người nộp cho biết không còn nhu cầu, đề nghị dừng giải quyết.",
]
WITHDRAWAL_NOTES = ["Kê khai nhầm, xin nộp lại.", "Đã thay đổi dự định, không cần giải quyết nữa."]
RETURN_NOTES = [
    "Trả bản giấy cho {name}, đã đối chiếu căn cước.",
    "Trả bản giấy cho {name}, ký nhận tại quầy.",
]
PAPER_RESULT = "Kết quả bản giấy: ký tay, đóng dấu, trả tại quầy."
