"""When each task runs, in city time: one table.

A sweep finds all the work there is, so its wake-up expires before the next one: a worker that was
away meets one wake-up of each kind, not a thousand.
"""

from __future__ import annotations

from celery.schedules import crontab


def schedule(sweep_seconds: float) -> dict[str, dict[str, object]]:
    """The beat schedule; `sweep_seconds` is how often owed work is looked for."""
    sweep = {"schedule": sweep_seconds, "options": {"expires": sweep_seconds}}
    return {
        "screen what is waiting": {"task": "worker.tasks.screen_comments", **sweep},
        "read what is unread": {"task": "worker.tasks.make_readings", **sweep},
        "translate what people said": {"task": "worker.tasks.translate_comments", **sweep},
        "draft what staff asked for": {"task": "worker.tasks.draft_points", **sweep},
        "send what is owed": {"task": "worker.tasks.send_letters", **sweep},
        # In the morning of working days, and again at noon should nothing have run then: the letter
        # is owed once a day whatever runs.
        "nudge when something waits too long": {
            "task": "worker.tasks.nudge_moderators",
            "schedule": crontab(hour="8,12", minute="30", day_of_week="mon-fri"),
            "options": {"expires": 3600},
        },
        "seal the audit trail": {"task": "worker.tasks.seal_audit", **sweep},
        "count what became of comments": {"task": "worker.tasks.count_tallies", **sweep},
        "look for watched words": {"task": "worker.tasks.sweep_words", **sweep},
        # Every hour, although a day is named: a midnight on which nothing ran is made up at one.
        "purge what is due": {
            "task": "worker.tasks.purge_personal_data",
            "schedule": crontab(minute="5"),
            "options": {"expires": 1800},
        },
        # A period that closes with every opinion answered already has nobody to say so.
        "note what is answered": {
            "task": "worker.tasks.note_answered_periods",
            "schedule": crontab(minute="10"),
            "options": {"expires": 1800},
        },
        # Daily, although a report is weekly: each run prepares every week that is due, so a Monday
        # on which nothing ran is made up on Tuesday.
        "compile what is due": {
            "task": "worker.tasks.compile_reports",
            "schedule": crontab(hour="6", minute="0"),
            "options": {"expires": 3600},
        },
        # And once an hour, so that a decision taken late shows in its week's report the same day.
        "recompile what has changed": {
            "task": "worker.tasks.compile_reports",
            "schedule": crontab(minute="30"),
            "options": {"expires": 1800},
        },
    }
