"""The WSGI application. `boot.start` must have opened the site first."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sealtrace.web.settings")
application = get_wsgi_application()
