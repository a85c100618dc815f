"""All settings, from the environment (.env.example documents each variable). No default for a secret in production."""

from pathlib import Path
from urllib.parse import urlsplit

import environ
import structlog
from celery.schedules import crontab
from csp.constants import NONCE, SELF
from django.core.exceptions import ImproperlyConfigured

from haiphong_egov import embedded

BASE_DIR = Path(__file__).resolve().parent.parent


class TrimmedFileMapping(environ.fileaware_mapping.FileAwareMapping):
    """NAME_FILE works like NAME. The newline that every editor puts at the end of a secret's file does not count."""

    def __getitem__(self, key: str) -> str:
        return str(super().__getitem__(key)).strip()


env = environ.Env()
env.ENVIRON = TrimmedFileMapping()


def env_flag(name: str, *, default: bool) -> bool:
    """A boolean that refuses to guess: the library silently reads DEBUG=maybe as False."""
    value = env.str(name, default=str(default)).strip().lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} must be one of 1/true/yes/on/0/false/no/off, not {value!r}")


DEBUG = env_flag("DEBUG", default=True)
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / ".data")))
SECRET_KEY = env.str("SECRET_KEY", default="") or embedded.local_secret(DATA_DIR, "secret_key", allowed=DEBUG)
# Keys of encrypted columns, newest first, comma-separated Fernet keys; and the key of their blind index.
FIELD_KEYS = env.list("FIELD_KEYS", default=[]) or [
    embedded.local_fernet_key(DATA_DIR, "field_key", allowed=DEBUG)
]
BLIND_INDEX_KEY = env.str("BLIND_INDEX_KEY", default="") or embedded.local_secret(
    DATA_DIR, "blind_index_key", allowed=DEBUG
)
# Master key that wraps technical signing keys (Form 01 seal). In production: an HSM or a secret manager.
SIGNING_MASTER_KEY = env.str("SIGNING_MASTER_KEY", default="") or embedded.local_fernet_key(
    DATA_DIR, "signing_master_key", allowed=DEBUG
)
# The key that signs batches of the audit trail (Ed25519, 32 bytes in base64): outside the database, the worker's only.
# A process that merely reads needs the public keys of all signers instead.
AUDIT_KEYS_PUBLISHED = env.list("AUDIT_KEYS_PUBLISHED", default=[])
AUDIT_KEY = env.str("AUDIT_KEY", default="") or (
    "" if AUDIT_KEYS_PUBLISHED else embedded.local_fernet_key(DATA_DIR, "audit_key", allowed=DEBUG)
)
# Who keeps the signed roots outside: a folder (an object store with lock is mounted here) and an HTTPS address.
AUDIT_HOLDER_DIR = env.str("AUDIT_HOLDER_DIR", default=str(DATA_DIR / "audit-holder") if DEBUG else "")
AUDIT_HOLDER_URL = env.str("AUDIT_HOLDER_URL", default="")
AUDIT_HOLDER_TOKEN = env.str("AUDIT_HOLDER_TOKEN", default="")

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["*"] if DEBUG else [])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)  # reverse proxies between the client and us
PORT = env.int("PORT", default=8000)  # where the web process listens
SITE_URL = env.str("SITE_URL", default=f"http://127.0.0.1:{PORT}")  # printed on papers, inside their QR codes
PAPERS_DEMO_MARK = env_flag("PAPERS_DEMO_MARK", default=DEBUG)  # «DEMO – không có giá trị pháp lý» on papers

INSTALLED_APPS = [
    "core",
    "org",
    "notices",
    "signing",
    "documents",
    "onecase",
    "haiphong_egov.apps.PortalConfig",
    "haiphong_egov.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "django_htmx",
    "csp",
]

MIDDLEWARE = [
    "haiphong_egov.middleware.ClientAddressMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "core.middleware.SecurityHeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "haiphong_egov.middleware.NotFoundMiddleware",  # before allauth, whose exceptions are answers
    "allauth.account.middleware.AccountMiddleware",
    "org.middleware.SecondFactorMiddleware",
    "org.middleware.LastSeenMiddleware",
    "org.middleware.HatMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "haiphong_egov.urls"
WSGI_APPLICATION = "haiphong_egov.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "core.context.page",
                "notices.context.bell",
                "onecase.context.desk",
            ],
        },
    },
    # Rows of long lists only: ten times as fast as the engine above. Autoescape is on by default.
    {"NAME": "rows", "BACKEND": "django.template.backends.jinja2.Jinja2", "DIRS": [BASE_DIR / "templates"]},
]

DATABASES = {
    "default": env.db_url("DATABASE_URL")
    if env.str("DATABASE_URL", default="")
    else embedded.database(DATA_DIR)
}
DATABASES["default"].setdefault("OPTIONS", {})
DATABASES["default"]["OPTIONS"]["options"] = "-c jit=off -c TimeZone=UTC"
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="") or embedded.broker_url(DATA_DIR)
BROKER_PREFIX = env.str("BROKER_PREFIX", default="hp-")  # installations may share one Redis
CACHES = {
    "default": {
        "BACKEND": "core.cache.TolerantRedisCache",
        "LOCATION": embedded.cache_location(REDIS_URL),
        "KEY_PREFIX": BROKER_PREFIX,
    }
}

AUTH_USER_MODEL = "org.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [  # length and lists, no rules about kinds of characters (org/passwords.py)
    {"NAME": "org.passwords.LengthByRole"},
    {"NAME": "org.passwords.NotCommon"},
    {"NAME": "org.passwords.NotEasy"},
    {"NAME": "org.passwords.NotOneself"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/sau-dang-nhap/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email", "phone"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "phone", "password1*"]  # one of the two is enough: org.forms.SignupForm
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
# By code, for everybody, so that signing up with an address that is known already looks the same.
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_PHONE_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = ACCOUNT_PHONE_VERIFICATION_TIMEOUT = 15 * 60
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 15 * 60
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_NOTIFICATIONS = True  # the owner hears of each change of password, address or second factor
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_ADAPTER = "org.adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "signup": "org.forms.SignupForm",
    "login": "org.forms.LoginForm",
    "add_email": "org.forms.AddEmailForm",
    "reset_password": "org.forms.ResetPasswordForm",
    "confirm_email_verification_code": "org.forms.ConfirmEmailForm",
    "confirm_password_reset_code": "org.forms.ConfirmResetForm",
    "verify_phone": "org.forms.ConfirmPhoneForm",
}
# Counted in the shared cache; per address of the network, per account («key») or per person. Whole offices share one
# address, so that limit is wide; the limit per account is what stops guessing.
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "60/10m/ip,5/15m/key",
    "signup": "20/10m/ip",
    "confirm_email": "1/30s/key,10/d/key",
    "verify_phone": "1/60s/key,5/d/key,30/h/ip",
    "change_phone": "3/10m/user",
    "reset_password": "20/10m/ip,5/h/key",
    "reset_password_from_key": "20/10m/ip",
    "change_password": "5/10m/user",
    "manage_email": "10/10m/user",
    "reauthenticate": "10/m/user",
}
# An account that holds a post has its mail in one of these domains, or below; citizens do not sign up with them.
STAFF_MAIL_DOMAINS = env.list(
    "STAFF_MAIL_DOMAINS", default=["haiphong.gov.vn", *(["demo.haiphong.example"] if DEBUG else [])]
)
MFA_ADAPTER = "org.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "org.forms.AuthenticateForm",
    "reauthenticate": "org.forms.ReauthenticateForm",
    "activate_totp": "org.forms.ActivateTOTPForm",
    "add_webauthn": "org.forms.AddPasskeyForm",
    "edit_webauthn": "org.forms.RenamePasskeyForm",
}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = "Hải Phòng"
# The clock of a telephone may be half a minute off; each code still serves once (org/forms.py).
MFA_TOTP_TOLERANCE = 1
# Browsers know passkeys on https and on http://localhost; the latter only with DEBUG.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = False
USERSESSIONS_TRACK_ACTIVITY = False  # it would write at each request: org.middleware.LastSeenMiddleware
# How long a second factor is good for acts that bind: signing, sealing, handing out rights (org/step_up.py).
STEP_UP_MINUTES = env.int("STEP_UP_MINUTES", default=15)

# Sign-in of citizens by an identity provider (OpenID Connect); empty issuer: none. What VNeID calls its claims and
# levels is not public («cần xác minh» with its operator), so all of it is named here and nowhere else.
OIDC = {
    "issuer": env.str("OIDC_ISSUER", default=""),
    "client_id": env.str("OIDC_CLIENT_ID", default=""),
    "secret": env.str("OIDC_CLIENT_SECRET", default=""),
    "name": env.str("OIDC_NAME", default="VNeID"),
    "auth_method": env.str("OIDC_TOKEN_AUTH", default="client_secret_basic"),
    "scope": tuple(env.list("OIDC_SCOPE", default=["openid", "profile", "phone", "address"])),
    "claims": env.json(
        "OIDC_CLAIMS",
        default={
            "number": "national_id",
            "full_name": "name",
            "birth_on": "birthdate",
            "address": "address",
            "phone": "phone_number",
        },
    ),
    "level_claim": env.str("OIDC_LEVEL_CLAIM", default="acr"),
    # Value of that claim → our level: 1 declared, 2 proven, 3 proven with more certainty. Anything else is 1.
    "levels": env.json("OIDC_LEVELS", default={"1": 1, "2": 2}),
}
if OIDC["issuer"]:
    if not (OIDC["client_id"] and OIDC["secret"]):
        raise ImproperlyConfigured("OIDC_ISSUER needs OIDC_CLIENT_ID and OIDC_CLIENT_SECRET")
    if not DEBUG and not OIDC["issuer"].startswith("https://"):
        raise ImproperlyConfigured("OIDC_ISSUER must be an https address")
    if OIDC["auth_method"] not in {"client_secret_basic", "client_secret_post"}:
        raise ImproperlyConfigured("OIDC_TOKEN_AUTH is client_secret_basic or client_secret_post")
# Where the sign-in form may lead besides ourselves: browsers follow its redirect only to named origins.
OIDC_ORIGINS = [
    f"{parts.scheme}://{parts.netloc}"
    for parts in map(urlsplit, [OIDC["issuer"], *env.list("OIDC_OTHER_ORIGINS", default=[])])
    if parts.netloc
]
# Level of identity that submitting online asks for: of every procedure, and by procedure code. 0: an account suffices.
ONLINE_SUBMIT_LEVEL = env.int("ONLINE_SUBMIT_LEVEL", default=0)
ONLINE_SUBMIT_LEVELS = env.json("ONLINE_SUBMIT_LEVELS", default={})
# Who answers citizens' requests about their data: unit administrators of this unit (slug).
DATA_OFFICER_UNIT = env.str("DATA_OFFICER_UNIT", default="ttpvhcc-tp")
DATA_COPY_DAYS = env.int("DATA_COPY_DAYS", default=7)  # how long a copy of one's data can be fetched
OIDC_PORT = env.int("OIDC_PORT", default=9300)  # of the demo's simulated provider
SOCIALACCOUNT_ADAPTER = "org.social.SocialAccountAdapter"
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"provider_class": "org.oidc.provider.IdentityProvider"}}
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"  # no address comes from the provider
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5

LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", "Tiếng Việt")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["haiphong_egov.formats"]
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_TZ = True
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / "staticfiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
# Stored files are content-addressed and leave only through a view that checks the reader's rights.
FILE_STORE = Path(env.str("FILE_STORE", default=str(DATA_DIR / "files")))
FILE_ACCEL_PREFIX = env.str("FILE_ACCEL_PREFIX", default="")  # e.g. /protected/ behind nginx
UPLOAD_MAX_MB = env.int("UPLOAD_MAX_MB", default=20)
UPLOAD_MAX_PAGES = env.int("UPLOAD_MAX_PAGES", default=500)
CLAMD = env.str("CLAMD", default="")  # "", unix:/path or tcp://host:port
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# The staff directory as a mail server takes it over (manage.py directory_export).
DIRECTORY_BASE_DN = env.str("DIRECTORY_BASE_DN", default="dc=haiphong,dc=gov,dc=vn")
DIRECTORY_MAIL_DOMAIN = env.str("DIRECTORY_MAIL_DOMAIN", default="haiphong.gov.vn")

EMAIL_BACKEND = env.str("EMAIL_BACKEND", default="django.core.mail.backends.filebased.EmailBackend")
EMAIL_FILE_PATH = env.str("EMAIL_FILE_PATH", default=str(DATA_DIR / "mail"))
EMAIL_HOST = env.str("EMAIL_HOST", default="localhost")
EMAIL_PORT = env.int("EMAIL_PORT", default=25)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", default="")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", default="")
EMAIL_USE_TLS = env_flag("EMAIL_USE_TLS", default=False)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Cổng Hải Phòng <khong-tra-loi@haiphong.example>")

SMS_URL = env.str("SMS_URL", default="")  # the gateway of notices/gateways.py; empty: messages become files
SMS_TOKEN = env.str("SMS_TOKEN", default="")
SMS_SENDER = env.str("SMS_SENDER", default="HAIPHONG")  # registered brand name
SMS_FILE_PATH = env.str("SMS_FILE_PATH", default=str(DATA_DIR / "sms"))

TSA_URL = env.str("TSA_URL", default="")  # RFC 3161; empty: the demo authority
PKI_DIR = Path(env.str("PKI_DIR", default=str(DATA_DIR / "pki")))
PKI_PORT = env.int("PKI_PORT", default=embedded.local_port(DATA_DIR, "pki", default=9100))

CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "socket_connect_timeout": 1,
    "socket_timeout": 5,
    "max_retries": 0,  # of a page that rings: the row is the queue, so nobody waits for a broker that is away
    "global_keyprefix": BROKER_PREFIX,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = env.int("WORKER_CONCURRENCY", default=2)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_TIME_LIMIT = 300
CELERY_TIMEZONE = TIME_ZONE
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "celerybeat-schedule")
# A bell that nobody heard in time is not rung again: the next one is on its way.
CELERY_BEAT_SCHEDULE = {
    "sweep-notices": {"task": "notices.sweep", "schedule": 30.0, "options": {"expires": 60}},
    "sweep-signatures": {"task": "signing.sweep", "schedule": 15.0, "options": {"expires": 30}},
    "sweep-papers": {"task": "onecase.sweep", "schedule": 20.0, "options": {"expires": 40}},
    "sweep-documents": {"task": "documents.sweep", "schedule": 30.0, "options": {"expires": 60}},
    "sweep-document-texts": {
        "task": "documents.sweep_texts",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "sweep-office": {"task": "documents.sweep_office", "schedule": 30.0, "options": {"expires": 60}},
    "warn-transfers": {"task": "documents.warn_transfers", "schedule": crontab(hour=7, minute=15)},
    "sweep-arrivals": {"task": "documents.sweep_arrivals", "schedule": 30.0, "options": {"expires": 60}},
    "remind-tasks": {
        "task": "documents.remind",
        "schedule": crontab(minute="20"),
        "options": {"expires": 1800},
    },
    "poll-mailboxes": {"task": "documents.poll_mailboxes", "schedule": 60.0, "options": {"expires": 60}},
    "sweep-restructurings": {
        "task": "org.sweep_restructurings",
        "schedule": 30.0,
        "options": {"expires": 60},
    },
    "expire-drafts": {"task": "onecase.expire_drafts", "schedule": 3600.0},
    "begin-versions": {
        "task": "org.begin_versions",
        "schedule": crontab(minute="*/10"),
        "options": {"expires": 600},
    },
    "sequence-audit": {"task": "core.sequence", "schedule": 1.0, "options": {"expires": 2}},
    "stamp-audit": {"task": "core.stamp_audit", "schedule": 60.0, "options": {"expires": 60}},
    "export-audit": {"task": "core.export_audit", "schedule": 15.0, "options": {"expires": 15}},
    "sweep-trail-exports": {
        "task": "org.sweep_trail_exports",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "audit-months": {"task": "core.audit_months", "schedule": 24 * 3600.0},
    "settle-departures": {"task": "org.settle_departures", "schedule": 60.0, "options": {"expires": 120}},
    "sweep-data-copies": {"task": "org.sweep_data_copies", "schedule": 60.0, "options": {"expires": 120}},
    "heartbeat": {"task": "core.heartbeat", "schedule": 15.0, "options": {"expires": 30}},
}

MAIL_MAX_MB = env.int(
    "MAIL_MAX_MB", default=25
)  # of one mail to an official mailbox; larger ones are not fetched
MAIL_TIMEOUT_SECONDS = env.int("MAIL_TIMEOUT_SECONDS", default=20)  # of each step with the IMAP server

BREAK_GLASS_MINUTES = env.int("BREAK_GLASS_MINUTES", default=60)  # how long an emergency reading stays open
BREAK_GLASS_REVIEW_DAYS = env.int("BREAK_GLASS_REVIEW_DAYS", default=3)  # then a review counts as late
DELEGATION_MOST_DAYS = env.int("DELEGATION_MOST_DAYS", default=366)  # no power is handed over for longer

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"
SILENCED_SYSTEM_CHECKS = ["security.W019"]  # SAMEORIGIN, not DENY: a paper is read in a frame beside its case
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600
if not DEBUG:
    SECURE_SSL_REDIRECT = env_flag("SECURE_SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # asked inside the network, without the proxy
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31536000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": ["'none'"],
        "frame-src": [SELF],
        "frame-ancestors": [SELF],
        "form-action": [SELF, *OIDC_ORIGINS],
        "base-uri": ["'none'"],
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processor": structlog.processors.JSONRenderer(ensure_ascii=False),
            "foreign_pre_chain": [
                structlog.contextvars.merge_contextvars,
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso"),
            ],
        }
    },
    "handlers": {"stdout": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stdout"], "level": env.str("LOG_LEVEL", default="WARNING")},
    "loggers": {
        # pyHanko logs a traceback for every rejected signature: a stranger could fill the disk with uploads.
        "pyhanko": {"level": "CRITICAL"},
        "pyhanko_certvalidator": {"level": "CRITICAL"},
        "weasyprint": {"level": "ERROR"},
        "fontTools": {"level": "ERROR"},
    },
}
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
)
