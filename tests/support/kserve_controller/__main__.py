"""Run the stand-in until it is told to end; see the package for what it does."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import threading
from pathlib import Path

from tests.support.kserve_controller import certificate
from tests.support.kserve_controller.behaviour import Orders
from tests.support.kserve_controller.cluster_api import ClusterApi
from tests.support.kserve_controller.loop import Loop
from tests.support.kserve_controller.names import OURS
from tests.support.kserve_controller.reconciler import Reconciler
from tests.support.kserve_controller.webhook import Registration, Webhook


def main() -> None:
    """Serve the webhook, register it, reconcile; take away at the end what was registered."""
    args = arguments().parse_args()
    api = ClusterApi(args.kubeconfig)
    orders = Orders(args.orders)
    selector = f"{OURS}={args.instance}"
    reconciler = Reconciler(api, args.config_namespace, args.instance, say)
    loop = Loop(api, reconciler, selector, orders, say)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: loop.stop())
    registration = Registration(api, f"airworthy-kserve-{args.instance}", selector)
    reconciler.configure()
    with tempfile.TemporaryDirectory() as folder:
        issued = certificate.issue(Path(folder), args.webhook_host)
        server = Webhook(reconciler.settings, orders).serve(args.webhook_bind, 0, issued)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"https://{args.webhook_host}:{server.server_address[1]}"
        try:
            registration.register(url, issued.authority)
            say(f"ready: {url}, namespaces with {selector}")
            loop.run()
        finally:
            registration.withdraw()
            reconciler.forget()
            server.shutdown()
            api.close()


def arguments() -> argparse.ArgumentParser:
    """Return what the command line may say."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.kserve_controller")
    parser.add_argument("--kubeconfig", required=True)
    parser.add_argument("--instance", required=True, help=f"value of the namespaces' label {OURS}")
    parser.add_argument("--orders", type=Path, help="file that says what to do wrong")
    parser.add_argument("--config-namespace", default="kserve")
    parser.add_argument(
        "--webhook-host", default="127.0.0.1", help="address under which the API server finds us"
    )
    parser.add_argument("--webhook-bind", default="127.0.0.1", help="address to listen on")
    return parser


def say(line: str) -> None:
    """Write a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
