"""Restart what failed: orchestrations, blob events that the trigger gave up, and rejections after an upgrade."""

import argparse
from collections import Counter

from image_metadata.model import RejectionReason, Upload
from image_metadata.storage import blobs
from imagectl.pipeline.bounded_start import add_max_running, start_all
from imagectl.pipeline.durable_api import UNSUCCESSFUL, DurableApp, add_app_arguments, app_from
from imagectl.pipeline.inventory import CONTAINER
from imagectl.pipeline.poison_queue import Poison, PoisonMessages, poison_queue
from imagectl.pipeline.reextraction import Reextraction, Selection

HELP = "restart failed orchestrations and poison messages, or clear and restart rejections"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--rejected",
        choices=[reason.value for reason in RejectionReason],
        metavar="REASON",
        help="instead: clear the rejections with this reason and start their blobs again, "
        f"for an app that understands more now; needs DELETE on ImageRejections ({', '.join(RejectionReason)})",
    )
    add_max_running(parser)
    add_app_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    app = app_from(arguments)
    if arguments.rejected:
        print(_sentence("Rejections", retry_rejected(app, RejectionReason(arguments.rejected), arguments.max_running)))
    else:
        print(_sentence("Failed orchestrations", retry_failed(app, arguments.max_running)))
        print(_sentence("Poison messages", retry_poison(app, arguments.max_running)))
    return 0


def retry_failed(app: DurableApp, max_running: int) -> Counter[str]:
    """Start every Failed, Terminated and Canceled instance again, with its id and input."""
    # The listing is finished first: a page may shift while its instances are restarted.
    ids = [instance.id for instance in app.instances(UNSUCCESSFUL)]
    return Counter(result for _, result in start_all(app, ids, lambda each: _restart(app, each), max_running))


def retry_poison(app: DurableApp, max_running: int) -> Counter[str]:
    """Start for each poison message what the trigger would start now, then delete the message."""
    tally: Counter[str] = Counter()
    with PoisonMessages(poison_queue()) as messages:
        for message, result in start_all(app, messages, lambda each: _deliver(app, each), max_running):
            messages.delete(message)
            tally[result] += 1
            if result == _DELETED:
                print(f"{Upload('', CONTAINER, message.name, '')} was deleted before it was read.")
    return tally


def retry_rejected(app: DurableApp, reason: RejectionReason, max_running: int) -> Counter[str]:
    """Clear the rejections with this reason whose blobs are unchanged, and start those: what `reextract` does."""
    work = Reextraction(Selection(reason=reason.value))
    tally = Counter(_started(result) for _, result in start_all(app, work.cleared(), app.start, max_running))
    return tally + Counter({_LEFT: work.inaccessible})


_STARTED = "started"
_ACTIVE = "active or stored already"
_DELETED = "deleted before they were read"
_LEFT = "left, as they cannot be read now"


def _restart(app: DurableApp, instance_id: str) -> str:
    instance = app.find(instance_id)
    if instance is None or instance.status not in UNSUCCESSFUL:
        return _ACTIVE
    return _started(app.start_again(instance.id, instance.input))


def _deliver(app: DurableApp, poison: Poison) -> str:
    upload = blobs.current_upload(CONTAINER, poison.name)
    if upload is None:
        return _DELETED
    instance = app.find(upload.id)
    return _started((instance is None or not instance.is_active_or_stored) and app.start(upload))


def _started(started: bool) -> str:
    return _STARTED if started else _ACTIVE


def _sentence(what: str, tally: Counter[str]) -> str:
    counts = ", ".join(f"{count:,} {result}" for result, count in tally.items())
    return f"{what}: {counts or 'none'}."
