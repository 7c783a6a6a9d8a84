"""`make bench`: run every measurement and print it as ratios."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from statistics import median, quantiles

from cryptography.fernet import Fernet
from rich.console import Console
from rich.table import Table

from benchmarks import (
    backlog,
    copies,
    coverage,
    flood,
    kills,
    pages,
    readings,
    submissions,
    summaries,
    weekly,
)
from benchmarks.filling import PUBLISHED, fill, postgresql
from tests import build

console = Console(width=100)
progress = Console(stderr=True)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="tomakoe-bench-") as name:
        folder = Path(name)
        settings = {
            "SECRET_KEY": build.SECRET_KEY,
            "IDENTITY_KEYS": Fernet.generate_key().decode(),
            "INSTANCE": name,
        }
        sqlite = {**settings, "DATABASE_URL": f"sqlite:///{folder / 'bench.sqlite'}"}
        progress.print("filling …")
        fill(sqlite["DATABASE_URL"], folder)
        report_pages(sqlite)
        report_summaries()
        report_readings(settings, folder)
        report_weekly(folder, settings)
        table = submissions_table()
        report_submissions(table, "SQLite, 1 process", sqlite, 1)
        with postgresql(folder, "one", "four", "quiet", "waiting", "flooded", "copies") as urls:
            for use, url in urls.items():
                fill(url, folder, waiting=backlog.WAITING if use == "waiting" else 0)
            on = {use: {**settings, "DATABASE_URL": url} for use, url in urls.items()}
            report_submissions(table, "PostgreSQL, 1 process", on["one"], 1)
            report_submissions(table, "PostgreSQL, 4 processes", on["four"], 4)
            console.print(table)
            report_backlog(settings, urls["quiet"], urls["waiting"])
            report_flood(on["flooded"])
            report_copies(urls["copies"])


def report_summaries() -> None:
    progress.print("summaries …")
    table = Table(title="Compiling the points of one measure")
    for heading in ("comments", "wordings", "s", "MB", "growth of time", "points", "with a quote"):
        table.add_column(heading, justify="right")
    before: tuple[int, float] | None = None
    for comments, wordings in (*summaries.SIZES, summaries.FLOOD):
        found = summaries.ours(comments, wordings)
        name = (f"{comments:,}", f"{wordings:,}")
        if found is None:
            table.add_row(*name, f"over {summaries.PATIENCE}", "", "", "", "")
            continue
        # 1 is linear: ten times the comments, ten times the time.
        ratio = found.seconds / before[1] / (comments / before[0]) if before else None
        table.add_row(
            *name,
            f"{found.seconds:.2f}",
            f"{found.megabytes:.0f}",
            f"{ratio:.2f}" if ratio else "",
            str(found.points),
            str(found.quoted),
        )
        before = (comments, found.seconds) if comments else None
    console.print(table)
    report_models()
    report_coverage()


def report_coverage() -> None:
    """How many of the groups that people made the quotes speak of."""
    found = coverage.reply_groups()
    if found is None:
        progress.print("no comments in groups at hand: their coverage is not measured")
        return
    comments, groups = found
    table = Table(title="Groups of opinions with the same reply that quotes speak of")
    for heading in ("quotes", "ours", "by chance", "of chance", "at best"):
        table.add_column(heading, justify="right")
    for one in coverage.coverage(comments, groups):
        ratio = f"{one.ours / one.chance:.2f}"
        table.add_row(str(one.quotes), f"{one.ours}", f"{one.chance:.1f}", ratio, str(one.best))
    console.print(table)


def report_models() -> None:
    table = Table(title=f"Topics of {summaries.BESIDE:,} comments, against plain models")
    for heading in ("model", "s", "MB", "time of ours", "topics", "with a quote"):
        table.add_column(heading, justify="left" if heading == "model" else "right")
    mine = summaries.ours(summaries.BESIDE, summaries.BESIDE)
    models = {
        "TF-IDF, k-means, medoids (scikit-learn)": summaries.theirs("kmeans"),
        "BERTopic on TF-IDF and SVD": summaries.theirs("bertopic"),
    }
    for name, found in {"ours (reference)": mine, **models}.items():
        if mine is None or not isinstance(found, summaries.Measured):
            table.add_row(name, str(found or "too slow"), "", "", "", "")
            continue
        table.add_row(
            name,
            f"{found.seconds:.2f}",
            f"{found.megabytes:.0f}",
            f"{found.seconds / mine.seconds:.2f}",
            str(found.points),
            str(found.quoted),
        )
    console.print(table)


def report_readings(settings: dict[str, str], folder: Path) -> None:
    progress.print("furigana …")
    read = {**settings, "DATABASE_URL": f"sqlite:///{folder / 'read.sqlite'}"}
    readings.fill(read["DATABASE_URL"], folder)
    found, sizes = readings.compare(read)
    table = Table(title=f"A measure page with {readings.COMMENTS} comments, readings as stored")
    for heading in ("page", "req/s", "of plain", "p50 ms", "bytes", "of plain", "gzip", "of plain"):
        table.add_column(heading, justify="left" if heading == "page" else "right")
    plain = pages.rate(found["plain"])
    for name, measured in found.items():
        table.add_row(
            name,
            f"{pages.rate(measured):,.0f}",
            f"{pages.rate(measured) / plain:.2f}",
            f"{pages.p50(measured):.2f}",
            *(
                cell
                for size, of_plain in zip(sizes[name], sizes["plain"], strict=True)
                for cell in (f"{size:,}", f"{size / of_plain:.2f}")
            ),
        )
    console.print(table)


def report_backlog(settings: dict[str, str], empty: str, full: str) -> None:
    progress.print("a long queue …")
    found = backlog.compare(settings, empty, full)
    table = Table(title="One submission, PostgreSQL, 2 connections: an empty queue and a long one")
    for heading in ("waiting comments", "p50 ms", "p99 ms", "p50 of empty", "p99 of empty"):
        table.add_column(heading, justify="right")
    for name, waiting in (("empty", 0), ("full", backlog.WAITING)):
        p50, p99 = found[name]
        table.add_row(
            f"{waiting:,}",
            f"{p50:.2f}",
            f"{p99:.2f}",
            f"{p50 / found['empty'][0]:.2f}",
            f"{p99 / found['empty'][1]:.2f}",
        )
    console.print(table)


def report_flood(settings: dict[str, str]) -> None:
    progress.print("a flood …")
    table = Table(
        title=f"{flood.PER_SECOND} comments a second from one source on one measure for "
        f"{flood.SECONDS} s, PostgreSQL, 4 processes"
    )
    for heading in ("who", "comments", "accepted", "asked for effort", "p50 ms", "p99 ms"):
        table.add_column(heading, justify="left" if heading == "who" else "right")
    found = flood.watch(settings)
    for name, seen in {**found, "all honest authors": flood.honest(found)}.items():
        table.add_row(
            name,
            str(seen.authors),
            f"{seen.accepted / seen.authors:.2%}",
            str(seen.asked),
            f"{median(seen.taken):.1f}",
            f"{quantiles(seen.taken, n=100)[98]:.1f}",
        )
    console.print(table)


def report_copies(url: str) -> None:
    progress.print("a flood of copies …")
    found = copies.flood(url)
    table = Table(title=f"{found.comments:,} comments screened, folded and shown, 1 worker")
    for heading in ("what", "measured", "of an empty queue"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    table.add_row("wordings, campaigns", f"{found.wordings:,}, {found.campaigns:,}", "")
    table.add_row("screened per second", f"{found.screening_rate:,.0f}", "")
    table.add_row("folded per second", f"{found.placing_rate:,.0f}", "")
    table.add_row("memory, MB", f"{found.memory:,.0f}", "")
    for name, p95 in (("queue page", found.full_p95), ("search for nothing", found.search_p95)):
        table.add_row(f"{name}, p95 ms", f"{p95:.1f}", f"{p95 / found.empty_p95:.1f}")
    together = f"deciding {found.together:,} in one press, s"
    table.add_row(together, f"{found.together_seconds:.1f}", "")
    for size, seconds in copies.batch().items():
        table.add_row(f"near copies among {size:,}, s", f"{seconds:.1f}", "")
    pairs, flags = copies.pairs_found(), copies.flagged()
    if pairs is None or flags is None:
        progress.print("the shared data is not there: recall and flags are left out")
    else:
        recall, false, partial = pairs
        table.add_row("recall, false pairs, partial", f"{recall:.3f}, {false}, {partial:.2f}", "")
        for rule, words in flags:
            progress.print(f"flagged as {rule}: {words}")
    console.print(table)


def report_weekly(folder: Path, settings: dict[str, str]) -> None:
    progress.print("the weekly report …")

    def on(name: str) -> dict[str, str]:
        return {**settings, "DATABASE_URL": f"sqlite:///{folder / name}.sqlite"}

    found = weekly.measure(folder, on("weekly"))
    table = Table(title=f"One weekly report, {weekly.COMMENTS:,} comments, SQLite, loopback SMTP")
    table.add_column("what")
    table.add_column("figure", justify="right")
    table.add_row("compiling the report", f"{found.preparing:.1f} s")
    alone, after = (
        weekly.quiet_week(folder, on(f"after-{busy}"), busy) for busy in (0, weekly.COMMENTS)
    )
    table.add_row(f"compiling {weekly.QUIET} comments, after {weekly.COMMENTS:,}", f"{after:.2f} s")
    table.add_row("the same, of a first week", f"{after / alone:.2f} times")
    table.add_row(f"owing {found.letters} letters", f"{found.owing:.2f} s")
    table.add_row("sending them, one worker", f"{found.letters / found.sending:.0f} per second")
    table.add_row("the worker's memory at most", f"{found.worker_megabytes:.0f} MB")
    table.add_row("the PDF", f"{found.pdf_seconds:.2f} s, {found.pdf_kilobytes:.0f} KB")
    table.add_section()
    kills.report(table, kills.kill(folder, on("kills")))
    console.print(table)


def report_pages(settings: dict[str, str]) -> None:
    progress.print("pages …")
    found = pages.compare(settings)
    table = Table(title="GET, granian, 1 process, 16 connections, median of 3 rounds")
    for heading in ("page", "per second", "p50 ms", "p99 ms", "of hello world"):
        table.add_column(heading, justify="left" if heading == "page" else "right")
    names = {
        "hello": "Flask hello world (reference)",
        "page": f"measure page, {PUBLISHED} comments",
        "form": "comment form (never reused)",
    }
    for key, name in names.items():
        measured = found[key]
        ratio = pages.rate(measured) / pages.rate(found["hello"])
        table.add_row(
            name,
            f"{pages.rate(measured):,.0f}",
            f"{pages.p50(measured):.2f}",
            f"{pages.p99(measured):.2f}",
            f"{ratio:.2f}",
        )
    console.print(table)


def submissions_table() -> Table:
    table = Table(title="Comments taken in, 16 connections, against bare inserts of the same rows")
    for heading in ("where", "inserts/s", "comments/s", "p50 ms", "p99 ms", "of bare", "refused"):
        table.add_column(heading, justify="left" if heading == "where" else "right")
    return table


def report_submissions(table: Table, where: str, settings: dict[str, str], workers: int) -> None:
    progress.print(f"submissions, {where} …")
    bare = submissions.bare_inserts(settings["DATABASE_URL"])
    site = submissions.through_the_site(settings, workers)
    refused = sum(count for status, count in site.statuses.items() if status != 200)
    table.add_row(
        where,
        f"{bare:,.0f}",
        f"{site.rate:,.0f}",
        f"{site.p50:.1f}",
        f"{site.p99:.1f}",
        f"{site.rate / bare:.2f}",
        str(refused),
    )


if __name__ == "__main__":
    sys.exit(main())
