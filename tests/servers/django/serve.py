"""Serves django-oauth-toolkit on a free loopback port until standard input ends.

Prints one line of JSON when ready: {"url": "http://127.0.0.1:PORT", "pid": N}.
"""

import argparse
import json
import logging
import os
import socket
import sys
import threading
import warnings
from pathlib import Path

# A server must not outlive the test that forgot it.
LONGEST_LIFE_SECONDS = 600

USERS = {
    "demo@example.com": "myPassword",
    "tricky@example.com": "p@ss word+&=%é",
}

# Any port will do for the loopback addresses (RFC 8252 section 7.3), for `localhost` only this one.
REDIRECTS = " ".join(
    ["http://127.0.0.1/callback", "http://[::1]/callback", "http://localhost:8080/callback"]
)

# The toolkit gives a client one kind of grant, and refreshing with it.
CLIENTS = [
    {
        "client_id": "myApplication",
        "client_secret": "myApplicationSecret",
        "client_type": "confidential",
        "authorization_grant_type": "password",
    },
    {
        "client_id": "myWebApplication",
        "client_secret": "myWebApplicationSecret",
        "client_type": "confidential",
        "authorization_grant_type": "authorization-code",
        "redirect_uris": REDIRECTS,
    },
    {
        "client_id": "publicApplication",
        "client_secret": "",
        "client_type": "public",
        "authorization_grant_type": "authorization-code",
        "redirect_uris": REDIRECTS,
    },
]


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--folder", type=Path, required=True, help="where the state is kept")
    arguments.add_argument("--token-lifetime", type=int, default=120, metavar="SECONDS")
    arguments = arguments.parse_args()

    quit_with_parent()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    # Bound first, as the server's name for itself holds the port.
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    application = prepare(arguments.folder, arguments.token_lifetime, url)

    from waitress import create_server

    server = create_server(application, sockets=[listener], threads=8, ident=None)
    print(json.dumps({"url": url, "pid": os.getpid()}), flush=True)
    server.run()


def quit_with_parent():
    """Ends this process, whatever it is doing, when standard input ends or the time is over."""

    def watch():
        sys.stdin.buffer.read()
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()
    timer = threading.Timer(LONGEST_LIFE_SECONDS, os._exit, [0])
    timer.daemon = True
    timer.start()


def prepare(folder, token_lifetime, url):
    """Sets Django up, with tables, users and clients where the folder has none yet."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
    os.environ["SERVE_FOLDER"] = str(folder.resolve())
    os.environ["SERVE_TOKEN_LIFETIME"] = str(token_lifetime)
    os.environ["SERVE_URL"] = url
    # The toolkit warns of the password grant at each use, and logs each refusal.
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)

    from django.core.wsgi import get_wsgi_application

    application = get_wsgi_application()
    if not (folder / "db.sqlite3").exists():
        fill()
    return application


def fill():
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.db import transaction
    from oauth2_provider.models import get_application_model

    call_command("migrate", run_syncdb=True, verbosity=0)
    with transaction.atomic():
        for name, password in USERS.items():
            get_user_model().objects.create_user(name, email=name, password=password)
        for client in CLIENTS:
            get_application_model().objects.create(name=client["client_id"], **client)


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    main()
