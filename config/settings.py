"""One file, read top to bottom. Every value that differs between machines comes from config/env.py;
`.env.example` lists the names. What runs when is config/schedule.py."""

from pathlib import Path

from config import env

BASE_DIR = Path(__file__).resolve().parent.parent

# --- where we are ---------------------------------------------------------------------------------------------------
DEBUG = env.flag("DEBUG")
SECRET_KEY = env.secret("SECRET_KEY", "only-for-machines-that-set-debug" if DEBUG else None)
SITE_URL = env.text("SITE_URL", "http://127.0.0.1:8000")
ALLOWED_HOSTS = env.listed("ALLOWED_HOSTS", "127.0.0.1,localhost,testserver")
CSRF_TRUSTED_ORIGINS = env.listed("CSRF_TRUSTED_ORIGINS")

# --- apps: an app with data is either shared or per seller, never both (config/checks.py enforces it) ---------------
SHARED_APPS = [
    "django_tenants",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.admin",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_celery_beat",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "accounts",
    "compliance",
]
TENANT_APPS = ["orders", "campaigns"]
INSTALLED_APPS = [*SHARED_APPS, *TENANT_APPS, "config"]

TENANT_MODEL = "accounts.Seller"
TENANT_DOMAIN_MODEL = "accounts.SellerDomain"
# Never on: a cached search path survived a savepoint rollback once and read a foreign seller's rows. (What our own
# backend remembers cannot be rolled back: accounts/backend/base.py.)
TENANT_LIMIT_SET_CALLS = False

# --- request handling -----------------------------------------------------------------------------------------------
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.AccessMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
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
                "accounts.context.workplace",
            ],
            "builtins": ["accounts.templatetags.permitted"],
        },
    }
]

# --- data -----------------------------------------------------------------------------------------------------------
DATABASES = {
    "default": {
        "ENGINE": "accounts.backend",
        **env.database("DATABASE_URL"),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"options": "-c timezone=UTC"},
        "TEST": {"NAME": "test_permitted"},
    }
}
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PG_BIN = env.text("PG_BIN", "")  # where pg_dump lives, for the schema template of a new seller
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": env.secret("CACHE_URL", "redis://127.0.0.1:6379/1"),
    }
}
MEDIA_ROOT = Path(env.text("MEDIA_ROOT", str(BASE_DIR / ".dev" / "media")))
FILE_UPLOAD_MAX_MEMORY_SIZE = 1 << 20
IMPORT_MAX_BYTES = 256 << 20

# --- people ---------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    # Twelve: Amazon's data protection policy (read 2026-11-23).
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_EMAIL_VERIFICATION = env.text("EMAIL_VERIFICATION", "optional" if DEBUG else "mandatory")
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = True
SESSION_COOKIE_AGE = 12 * 3600
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Permitted"
INVITATION_LIFETIME = env.duration("INVITATION_LIFETIME", "3d")

# --- secrets at rest: `keyid:base64 of 32 bytes`, newest first --------------------------------------------------------
SEALING_KEYS = env.secret("SEALING_KEYS", "dev:" + "A" * 43 + "=" if DEBUG else None)

# --- mail to our own users (never to buyers: that is campaigns/channels) ----------------------------------------------
EMAIL_BACKEND = env.text("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend")
EMAIL_HOST = env.text("EMAIL_HOST", "127.0.0.1")
EMAIL_PORT = env.number("EMAIL_PORT", 25)
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "Permitted <no-reply@permitted.example>")

# --- Amazon -----------------------------------------------------------------------------------------------------------
AMAZON_LWA_CLIENT_ID = env.text("AMAZON_LWA_CLIENT_ID", "")
AMAZON_LWA_CLIENT_SECRET = env.secret("AMAZON_LWA_CLIENT_SECRET", "")
AMAZON_LWA_CLIENT_SECRET_NEXT = env.secret("AMAZON_LWA_CLIENT_SECRET_NEXT", "")  # during a rotation
AMAZON_APPLICATION_ID = env.text("AMAZON_APPLICATION_ID", "")
AMAZON_BASE_URL = env.text("AMAZON_BASE_URL", "")  # empty: Amazon's own regional addresses
AMAZON_TOKEN_URL = env.text("AMAZON_TOKEN_URL", "https://api.amazon.com/auth/o2/token")
AMAZON_CONSENT_URL = env.text("AMAZON_CONSENT_URL", "")  # empty: the marketplace's Seller Central
AMAZON_SQS_QUEUE_URL = env.text("AMAZON_SQS_QUEUE_URL", "")  # empty: polling alone
AMAZON_SQS_ENDPOINT_URL = env.text("AMAZON_SQS_ENDPOINT_URL", "")
RELAY_SMTP_URL = env.text(
    "RELAY_SMTP_URL", ""
)  # smtp://[user:password@]host[:port], smtps://, smtp+starttls://
#: Whether the relay signs for its senders' domains (DKIM, with SPF and DMARC set up), as the operator says.
RELAY_SIGNS_MAIL = env.told("RELAY_SIGNS_MAIL")
SANDBOX_URL = env.text("SANDBOX_URL", "")  # set only where the sandbox plays Amazon

# --- Stripe: without a key this installation sells nothing and everything is open ------------------------------------------
STRIPE_SECRET_KEY = env.secret("STRIPE_SECRET_KEY", "")
STRIPE_WEBHOOK_SECRET = env.secret("STRIPE_WEBHOOK_SECRET", "")
STRIPE_WEBHOOK_SECRET_NEXT = env.secret("STRIPE_WEBHOOK_SECRET_NEXT", "")  # during a rotation
STRIPE_BASE_URL = env.text("STRIPE_BASE_URL", "")  # empty: Stripe; a live key goes nowhere else
STRIPE_TAX = env.flag("STRIPE_TAX")  # Stripe Tax reckons and adds it

# --- background work: PostgreSQL carries the truth, Celery carries hints ------------------------------------------------
CELERY_BROKER_URL = env.secret("BROKER_URL", "redis://127.0.0.1:6379/0")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_TIME_LIMIT = 540
CELERY_TASK_SOFT_TIME_LIMIT = 480
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A task that outlives visibility_timeout is delivered again: time limits stay far below it, and the sweep is not x10.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
}
# Backends remember every table they touched: after this many tasks a worker's connection is made anew.
CELERY_DB_REUSE_MAX = 200
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 1
CELERY_TIMEZONE = "UTC"

# --- sending ------------------------------------------------------------------------------------------------------------
# The fuse: the database remembers the deployment it was armed for. A restored or cloned one does not send.
DEPLOYMENT_ID = env.text("DEPLOYMENT_ID", "local")
DISPATCH_THREADS = env.number("DISPATCH_THREADS", 8)
#: A new version's first messages go out in steps (campaigns/domain/trouble.py); RAMP_SENDS 0 switches that off.
RAMP_SENDS = env.number("RAMP_SENDS", 50)
RAMP_STEP = env.number("RAMP_STEP", 10)
RAMP_EVERY = env.duration("RAMP_EVERY", "15m")
CLAIM_LEASE = env.duration("CLAIM_LEASE", "2m")

# --- the review desk ------------------------------------------------------------------------------------------------
REVIEW_TIMEZONE = env.text("REVIEW_TIMEZONE", "Europe/Berlin")
REVIEW_DAYS = env.listed("REVIEW_DAYS", "1,2,3,4,5")  # Monday is 1
REVIEW_HOURS = env.text("REVIEW_HOURS", "08:00-20:00")
REVIEW_HOLIDAYS = env.listed("REVIEW_HOLIDAYS")  # 2026-12-25,2026-12-26
# Of what was approved, so many in 100 are looked at once more: by the rules (trusted and new sellers), by a reviewer.
REVIEW_AUDIT_TRUSTED = env.number("REVIEW_AUDIT_TRUSTED", 5)
REVIEW_AUDIT_NEW = env.number("REVIEW_AUDIT_NEW", 25)
REVIEW_AUDIT_PERSON = env.number("REVIEW_AUDIT_PERSON", 2)
REVIEW_KNOWN_EVERY = env.number("REVIEW_KNOWN_EVERY", 40)  # hand-outs between two known-answer cases; 0: none

# --- API ----------------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.CursorPagination",
    "PAGE_SIZE": 50,
    # Texts a visitor may have checked: accounts/throttling.py. How many proxies stand before us decides whose address it is.
    "DEFAULT_THROTTLE_RATES": {
        "check_anyone": "120/min",
        "check_user": "1200/min",
        "check_page_anyone": "150/min",
        "check_page_user": "240/min",
    },
    "NUM_PROXIES": env.number("TRUSTED_PROXIES", 0),
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Permitted",
    "VERSION": "1",
    "DESCRIPTION": "May this be said to an Amazon buyer?",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PUBLIC": True,
    "OAS_VERSION": "3.1.0",  # whose schemas are plain JSON Schema
}

# --- look -----------------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / ".dev" / "static"
WHITENOISE_USE_FINDERS = DEBUG
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

# --- transport security -----------------------------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
if not DEBUG:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", True)
    SECURE_HSTS_SECONDS = 365 * 86400
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

LOGGING_CONFIG = "config.logging.configure"
LOGGING = {"level": env.text("LOG_LEVEL", "INFO"), "as_json": env.flag("LOG_JSON", not DEBUG)}

env.finish()
