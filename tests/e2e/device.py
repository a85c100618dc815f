"""A machine that keeps passkeys: Chromium's virtual authenticator, held up to one page after the other.

The authenticator belongs to the document that is open, so that its keys are taken out after each ceremony and put into
the next one.
"""

from typing import Any

from playwright.sync_api import CDPSession, Page

ABLE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
USB_KEY = ABLE | {
    "transport": "usb",
    "hasResidentKey": False,
    "hasUserVerification": False,
    "isUserVerified": False,
}


class Device:
    def __init__(self, **abilities: Any) -> None:
        self.abilities = ABLE | abilities
        self.keys: list[dict[str, Any]] = []
        self._link: CDPSession | None = None
        self._number = ""

    def hold_to(self, page: Page) -> None:
        """From now on this page finds the device."""
        self._link = page.context.new_cdp_session(page)
        self._link.send("WebAuthn.enable")
        added = self._link.send("WebAuthn.addVirtualAuthenticator", {"options": self.abilities})
        self._number = added["authenticatorId"]
        for key in self.keys:
            self._link.send("WebAuthn.addCredential", {"authenticatorId": self._number, "credential": key})

    def take_away(self) -> None:
        assert self._link is not None
        found = self._link.send("WebAuthn.getCredentials", {"authenticatorId": self._number})
        self.keys = found["credentials"]
        self._link.detach()
        self._link = None
