"""What documents announce upwards. Receivers run inside the transaction of the act."""

from django.dispatch import Signal

# The agency seal stands and the document is issued. Argument: document_id.
document_issued = Signal()
# The leader's signature could not be made; the document waits for him again. Arguments: document_id, reason.
document_not_signed = Signal()
