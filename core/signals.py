"""What the ground layer announces upwards. Receivers run inside the transaction of the act."""

from django.dispatch import Signal

# Days off, make-up days or office hours changed: due times that rest on them must be computed anew. Argument: actor.
working_calendar_changed = Signal()
