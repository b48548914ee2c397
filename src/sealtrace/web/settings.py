"""Django's settings, from the site that `sealtrace.web.site.put` named."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext_lazy as _

from .site import current

SITE = current()


def _database() -> dict[str, object]:
    if SITE.database_url:
        url = urlsplit(SITE.database_url)
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": url.path.lstrip("/"),
            "USER": unquote(url.username or ""),
            "PASSWORD": unquote(url.password or ""),
            "HOST": unquote(
                url.netloc.rpartition("@")[2].partition(":")[0]
            ),  # a name, or %2Fpath of a socket
            "PORT": str(url.port or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
        }
    folder = SITE.custody.office.home.folder if SITE.custody else None
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": folder / "web.db" if folder else ":memory:",
        "CONN_MAX_AGE": 60,  # seconds: opening it anew costs more than what most requests ask of it
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 10,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        },
    }


SECRET_KEY = SITE.secret_key
DEBUG = False
ALLOWED_HOSTS = list(SITE.hosts)
DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "sealtrace.web.urls"
WSGI_APPLICATION = "sealtrace.web.wsgi.application"
AUTH_USER_MODEL = "accounts.Operator"
LOGIN_URL = "sign-in"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "sealtrace.web.frame",
    "sealtrace.web.accounts",
    "sealtrace.web.devices",
    "sealtrace.web.approvals",
    "sealtrace.web.policy",
    "sealtrace.web.audit",
    "sealtrace.web.jobs",
    "sealtrace.web.operations",
    "sealtrace.web.api",
    "sealtrace.web.custody",
    "sealtrace.web.viewer",
    "sealtrace.web.licences",
    "sealtrace.web.cases",
    "sealtrace.web.trade",
    "sealtrace.web.people",
    "sealtrace.web.own",
    "sealtrace.web.rosters",
    "sealtrace.web.travel",
]
if SITE.queue:
    INSTALLED_APPS.append("procrastinate.contrib.django")
MIDDLEWARE = [
    "sealtrace.web.operations.middleware.observe",
    "sealtrace.web.frame.middleware.headers",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "sealtrace.web.frame.middleware.address",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "sealtrace.web.accounts.middleware.actor",
    "sealtrace.web.frame.middleware.errors",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "sealtrace.web.frame.context.frame",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "sealtrace.web.frame.templatetags.parts",
            ],
        },
    }
]

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
USE_I18N, USE_TZ = True, True  # times are kept in UTC
TIME_ZONE = SITE.extra.get("timezone", "Asia/Shanghai")

STATIC_URL = "/static/"
STATICFILES_DIRS = [
    ("verifier", Path(__file__).parents[1] / "verifier" / "js")
]  # the offline page's own modules
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600

SESSION_ENGINE = "sealtrace.web.accounts.sessions"
SESSION_COOKIE_NAME = "__Host-session" if SITE.tls else "session"
SESSION_COOKIE_AGE = 8 * 3600  # at most; accounts/sittings.py ends an idle one sooner
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "__Host-csrf" if SITE.tls else "csrf"
CSRF_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SITE.tls
CSRF_FAILURE_VIEW = "sealtrace.web.frame.views.csrf_refused"
SECURE_CONTENT_TYPE_NOSNIFF = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
SILENCED_SYSTEM_CHECKS: list[str] = []

DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
FILE_UPLOAD_HANDLERS = [
    "sealtrace.web.custody.intake.SignedInOnly",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "sealtrace.web.custody.intake.StagedUpload",
]
LOGGING_CONFIG = None
