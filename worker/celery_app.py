"""Celery joined to create_app: tasks run with the site's settings and database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from celery import Celery, Task
from flask import Flask

from config import Config
from webapp.app import create_app
from worker.bell import hang_up
from worker.schedule import schedule


def make_celery(site: Flask) -> Celery:
    """A Celery whose tasks each run in an app context of the site.

    The broker carries only wake-ups: everything owed stands in the database, so a wake-up that is
    lost costs at most one interval, and nothing needs a result backend or late acknowledgement.
    """

    class TaskOfTheSite(Task):
        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            with site.app_context():
                return self.run(*args, **kwargs)

    hang_up()
    broker = site.config["BROKER_URL"]
    celery = Celery("tomakoe", task_cls=TaskOfTheSite, broker=broker, include=["worker.tasks"])
    celery.conf.update(
        timezone="Asia/Tokyo",
        task_ignore_result=True,
        beat_schedule=schedule(site.config["SWEEP_SECONDS"]),
        beat_schedule_filename=str(site.config["INSTANCE"] / "beat"),
        broker_connection_retry_on_startup=True,
        broker_transport_options=_transport_options(broker, site.config["INSTANCE"] / "broker"),
        worker_hijack_root_logger=False,
        worker_prefetch_multiplier=1,
    )
    celery.set_default()
    return celery


def _transport_options(broker: str, folder: Path) -> dict[str, object]:
    if not broker.startswith("filesystem"):
        return {}
    queue, control = folder / "queue", folder / "control"
    for each in (queue, control):
        each.mkdir(parents=True, exist_ok=True)
    return {
        "data_folder_in": str(queue),
        "data_folder_out": str(queue),
        "control_folder": str(control),
        "polling_interval": 0.1,
    }


site = create_app(Config.from_environment())
celery_app = make_celery(site)
