"""Charts drawn as pictures for letters, readable in black and white: each bar has its number."""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path
from typing import Any

from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from webapp.reports.charts import Chart

PREFERRED = ("Noto Sans CJK JP", "Noto Sans JP")
WIDE = 4.4
"""Inches; narrow, so that names and numbers can be read in a telephone, too."""
BAR, INK = "#00428c", "#1a1a1a"


@lru_cache(maxsize=256)
def paint(chart: Chart) -> bytes:
    """The chart as PNG. The same chart is drawn once, for however many letters."""
    figure = Figure(figsize=(WIDE, 0.7 + 0.34 * len(chart.rows)), dpi=160, layout="constrained")
    FigureCanvasAgg(figure)
    axes: Any = figure.subplots()
    names, numbers = [n for n, _ in chart.rows], [n for _, n in chart.rows]
    places = range(len(names))
    font = {"fontproperties": _japanese(), "color": INK}
    bars = axes.barh(places, numbers, height=0.62, color=BAR, edgecolor=INK)
    axes.bar_label(bars, padding=4, fontproperties=_japanese(), color=INK)
    axes.set_yticks(places, names, **font)
    axes.set_title(chart.title, loc="left", **font)
    axes.set_xlim(0, max(chart.most, 1) * 1.12)
    axes.invert_yaxis()
    axes.xaxis.set_visible(False)
    axes.tick_params(length=0)
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    content = io.BytesIO()
    figure.savefig(content, format="png", metadata={"Software": None})
    return content.getvalue()


@lru_cache(maxsize=1)
def _japanese() -> font_manager.FontProperties:
    """A font that can write Japanese: one of the machine's, else the one that is always there."""
    known = {font.name for font in font_manager.fontManager.ttflist}
    for family in PREFERRED:
        if family in known:
            return font_manager.FontProperties(family=family, size=11)
    import matplotlib_fontja

    font = Path(matplotlib_fontja.__file__).parent / "fonts" / "ipaexg.ttf"
    return font_manager.FontProperties(fname=str(font), size=11)
