"""A story of the demo with the people who act in it."""

from dataclasses import dataclass, field

from haiphong_egov.seeds import plan
from haiphong_egov.seeds.history import Act, Story
from haiphong_egov.seeds.invention import Someone
from haiphong_egov.seeds.offers import Offer
from haiphong_egov.seeds.people import Place
from onecase.models import Case, SupplementItem
from org.models import Organization, User

BY_APPLICANT = {"start", "submit", "request_withdrawal", "rate"}
BY_WHO_BRINGS = {"resubmit", "supply"}
BY_COUNTER = {
    "intake",
    "check_components",
    "return_intake",
    "accept",
    "reject_intake",
    "hand_over",
    "return_result",
}
BY_HEAD = {"assign", "request_supplement", "agree_withdrawal", "stop"}
BY_HANDLER = {"take_up", "propose_supplement", "submit_for_approval"}


@dataclass
class Told:
    """A story with the people in it."""

    story: Story
    offer: Offer
    place: Place
    unit: Organization
    counter: User
    officer: User
    head: User
    leader: User
    someone: Someone
    address: str
    applicant: User | None
    special: plan.Special | None = None
    level: int | None = None
    comment: str = ""
    items: list[SupplementItem] = field(default_factory=list)

    @property
    def case(self) -> Case:
        return self.story.case

    def actor_of(self, act: Act) -> User | None:
        if act.verb in BY_APPLICANT:
            return self.applicant
        if act.verb in BY_WHO_BRINGS:
            return self.applicant or self.counter
        if act.verb in BY_COUNTER:
            return self.counter
        if act.verb in BY_HEAD:
            return self.head
        if act.verb in BY_HANDLER:
            return self.officer
        return self.leader if act.verb == "approve" else None
