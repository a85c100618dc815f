"""What a browser says about itself, in plain words: «Chrome trên Windows»."""

from django.utils.translation import gettext as _

# The first that fits wins: most browsers also call themselves Chrome or Safari.
BROWSERS = (
    ("coc_coc_browser", "Cốc Cốc"),
    ("edg", "Edge"),
    ("opr/", "Opera"),
    ("samsungbrowser", "Samsung Internet"),
    ("zalo", "Zalo"),
    ("fxios", "Firefox"),
    ("firefox", "Firefox"),
    ("crios", "Chrome"),
    ("chrome", "Chrome"),
    ("safari", "Safari"),
)
MACHINES = (
    ("ipad", "iPad"),
    ("iphone", "iPhone"),
    ("android", "Android"),
    ("windows", "Windows"),
    ("mac os", "máy Mac"),
    ("cros", "Chromebook"),
    ("linux", "Linux"),
)


def device(user_agent: str) -> str:
    said = (user_agent or "").lower()
    browser = next((name for sign, name in BROWSERS if sign in said), "")
    machine = next((name for sign, name in MACHINES if sign in said), "")
    if browser and machine:
        return _("%(browser)s trên %(machine)s") % {"browser": browser, "machine": machine}
    return browser or machine or _("chương trình không rõ")
