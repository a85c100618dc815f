"""What signing announces upwards. Both are sent inside the transaction that ends the work."""

from django.dispatch import Signal

# The file is signed, timestamped and verified. Arguments: request_id. `SignatureRequest.result` is set.
signature_made = Signal()

# The work stopped, or was called off, and a person has to look. Arguments: request_id. `last_error` says why, in Vietnamese.
signature_failed = Signal()
