"""What org announces upwards. Receivers run inside the transaction of the act."""

from django.dispatch import Signal

# Somebody must learn of an act of org. Arguments: recipients (accounts), kind, title, text, url, subject (a row).
to_tell = Signal()

# A mail or an SMS of sign-in must go out, outside every inbox. Arguments: channel («email», «sms»), address, kind,
# title, text, expires_at (a moment after which it is of no use, or None).
to_send = Signal()
