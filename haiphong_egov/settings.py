"""All settings, from the environment (.env.example documents each variable). No default for a secret in production."""

from pathlib import Path

import environ
import structlog
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
    "allauth.account.middleware.AccountMiddleware",
    "org.middleware.HatMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "haiphong_egov.middleware.NotFoundMiddleware",
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
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/sau-dang-nhap/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_ADAPTER = "org.adapters.AccountAdapter"
ACCOUNT_FORMS = {"signup": "org.forms.SignupForm", "login": "org.forms.LoginForm"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Hải Phòng"
USERSESSIONS_TRACK_ACTIVITY = False

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

EMAIL_BACKEND = env.str("EMAIL_BACKEND", default="django.core.mail.backends.filebased.EmailBackend")
EMAIL_FILE_PATH = env.str("EMAIL_FILE_PATH", default=str(DATA_DIR / "mail"))
EMAIL_HOST = env.str("EMAIL_HOST", default="localhost")
EMAIL_PORT = env.int("EMAIL_PORT", default=25)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", default="")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", default="")
EMAIL_USE_TLS = env_flag("EMAIL_USE_TLS", default=False)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Cổng Hải Phòng <khong-tra-loi@haiphong.example>")

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
    "expire-drafts": {"task": "onecase.expire_drafts", "schedule": 3600.0},
    "heartbeat": {"task": "core.heartbeat", "schedule": 15.0, "options": {"expires": 30}},
}

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
        "form-action": [SELF],
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
