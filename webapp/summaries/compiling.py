"""From a week's comments to checked sections, by a compiler that is handed in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from webapp.summaries.checker import check_section
from webapp.summaries.rules import (
    BrokenSummary,
    Counts,
    Point,
    Quote,
    SectionDocument,
    WeekComment,
    people_behind,
)


class CompiledQuote(Protocol):
    """Words a compiler chose, and the comment they come from."""

    @property
    def comment(self) -> int: ...
    @property
    def text(self) -> str: ...
    @property
    def language(self) -> str: ...


class CompiledPoint(Protocol):
    """A group a compiler made."""

    @property
    def heading(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def comments(self) -> Sequence[int]: ...
    @property
    def wordings(self) -> int: ...
    @property
    def quotes(self) -> Sequence[CompiledQuote]: ...


class Compiled(Protocol):
    """What a compiler makes of the counted comments on one measure."""

    @property
    def points(self) -> Sequence[CompiledPoint]: ...
    @property
    def others(self) -> Sequence[int]: ...


@dataclass(frozen=True)
class CountedComment:
    """One opinion that counts, as a compiler gets it; one that is not quotable lends no words."""

    id: int
    text: str
    language: str
    quotable: bool


# The compiler has its own class of counted comments, with these attributes; neither side imports
# the other, so the type of what it is given stays open.
Compiler = Callable[[Sequence[Any], Collection[str]], Compiled]


@dataclass(frozen=True)
class MeasureTexts:
    """A measure's code, and what it and its actions say, in each language people write in."""

    code: str
    texts: tuple[str, ...]


def compile_sections(
    rows: Sequence[WeekComment], measures: Mapping[int, MeasureTexts], compiler: Compiler
) -> dict[int, SectionDocument]:
    """A checked section for each measure with comments. Raises BrokenSummary."""
    by_measure: dict[int, list[WeekComment]] = defaultdict(list)
    for row in rows:
        by_measure[row.measure_id].append(row)
    sections: dict[int, SectionDocument] = {}
    for measure_id in sorted(by_measure):
        measure, of_measure = measures[measure_id], by_measure[measure_id]
        section = compile_section(measure, of_measure, compiler)
        findings = check_section(section, of_measure)
        if findings:
            raise BrokenSummary(measure=section.measure, findings="; ".join(findings))
        sections[measure_id] = section
    return sections


def compile_section(
    measure: MeasureTexts, rows: Sequence[WeekComment], compiler: Compiler
) -> SectionDocument:
    """One measure's section, not yet checked."""
    counted = [row for row in rows if row.counts]
    by_id = {row.id: row for row in counted}
    compiled = compiler(
        [CountedComment(row.id, row.text, row.language, row.quotable) for row in counted],
        measure.texts,
    )
    return SectionDocument(
        measure=measure.code,
        counts=Counts.of(rows),
        points=tuple(_kept(point, by_id) for point in compiled.points),
        others=tuple(sorted(compiled.others)),
        unpublished=tuple(sorted(row.id for row in counted if not row.quotable)),
    )


def _kept(point: CompiledPoint, by_id: Mapping[int, WeekComment]) -> Point:
    return Point(
        heading=point.heading,
        language=point.language,
        comments=tuple(sorted(point.comments)),
        wordings=point.wordings,
        quotes=tuple(Quote(q.comment, q.text, q.language) for q in point.quotes),
        people=people_behind(by_id[id] for id in point.comments if id in by_id),
    )
