"""Charts over time: a timeline with a lane a clause and its coverage, and counts with their exposure.

Time nobody looked at is hatched in both. An empty place on a white ground means "observed, nothing found", and
nothing else may look like it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import altair as alt
import vl_convert

from truceline.analysis import Exposure, Series, exposure_by_clause
from truceline.model.agreement import Agreement, Clause
from truceline.model.finding import CheckResult, Finding, Verdict
from truceline.timebase import BEGINNING_OF_TIME, END_OF_TIME, US_PER_DAY, Interval, to_datetime, to_micros
from truceline.views import furniture as fur
from truceline.views.tables import counts_words, in_reading_order, number_label
from truceline.words import _, counting_title

WIDTH_PX = 720.0
_CROWD = 80  # findings in one lane beyond which they are strokes without numbers
_LANE_PX, _STRIP_PX, _HEAD_PX = 46.0, 9.0, 6.0
_SHAPES = {"incursion": "diamond", "encounter": "cross", "report": "square"}
_JUDGED = (Verdict.BREACH, Verdict.POSSIBLE)


@dataclass(slots=True, kw_only=True)
class Plot:
    """Layers over one time axis; heights are pixels from the top."""

    period: Interval
    width_px: float
    height_px: float
    prefix: str
    layers: list[alt.Chart] = field(default_factory=list)
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def named(self, rows: list[dict[str, Any]]) -> alt.NamedData:
        """Rows kept beside the chart, so that Altair does not check each of them against its schema."""
        name = f"rows{len(self.rows)}"
        self.rows[name] = rows
        return alt.NamedData(name=name)

    def share(self, instant_us: int) -> float:
        """How far along the axis an instant lies, 0 to 1."""
        return (instant_us - self.period.start_us) / max(self.period.end_us - self.period.start_us, 1)

    def clipped(self, interval: Interval) -> tuple[float, float] | None:
        """Pixels from and to, inside the plot; None where the interval lies outside."""
        start = max(interval.start_us, self.period.start_us, BEGINNING_OF_TIME)
        end = min(interval.end_us, self.period.end_us, END_OF_TIME)
        if end < start:
            return None
        return self.share(start) * self.width_px, self.share(end) * self.width_px

    def _x(self, channel: type, name: str) -> Any:
        return channel(
            f"{name}:Q", scale=alt.Scale(domain=[0, self.width_px], nice=False, zero=False), axis=None
        )

    def _y(self, channel: type, name: str) -> Any:
        return channel(
            f"{name}:Q", scale=alt.Scale(domain=[self.height_px, 0], nice=False, zero=False), axis=None
        )

    def bars(
        self, boxes: Iterable[tuple[float, float, float, float]], *, least_px: float = 0.0, **mark: Any
    ) -> None:
        """Boxes (left, top, right, bottom) that are drawn alike, at least ``least_px`` wide."""
        data = []
        for left, top, right, bottom in boxes:
            more = max(0.0, least_px - (right - left)) / 2
            data.append(
                {
                    "a": round(left - more, 2),
                    "b": round(right + more, 2),
                    "c": round(top, 2),
                    "d": round(bottom, 2),
                }
            )
        if data:
            chart = alt.Chart(self.named(data)).mark_rect(**({"opacity": 1, "clip": True} | mark))
            self.layers.append(chart.encode(x=self._x(alt.X, "a"), x2="b:Q", y=self._y(alt.Y, "c"), y2="d:Q"))

    def points(
        self, spots: Sequence[tuple[float, float]], shape: str, *, fill: str, size: float = 60.0
    ) -> None:
        """Like symbols at pixels."""
        if spots:
            data = self.named([{"a": round(x, 2), "c": round(y, 2)} for x, y in spots])
            chart = alt.Chart(data).mark_point(
                shape=shape, size=size, filled=True, fill=fill, opacity=1, stroke=fur.INK, strokeWidth=1.0
            )
            self.layers.append(chart.encode(x=self._x(alt.X, "a"), y=self._y(alt.Y, "c")))

    def drawn(self) -> str:
        """The layers and the time axis at the foot as SVG."""
        ticks, stamp = _ticks(self.period)
        labels = f"utcFormat(datum.value, '{stamp}')"
        if stamp == "%H:%M":
            midnight = "utchours(datum.value) + utcminutes(datum.value) == 0"
            labels = f"{midnight} ? utcFormat(datum.value, '%-d %b') : {labels}"
        ends = [self.period.start_us // 1000, self.period.end_us // 1000]
        axis = alt.Axis(
            labelExpr=labels, title=None, grid=True, gridColor="#e3e7eb", domainColor=fur.MUTED, tickColor=fur.MUTED,
            labelColor=fur.MUTED, labelFontSize=10, labelOverlap=True, values=ticks, labelFlush=False, zindex=0,
        )  # fmt: skip
        # The axis is a layer of its own: it alone is in time, everything drawn is in pixels already.
        base = alt.Chart(self.named([{"t": end} for end in ends])).mark_point(opacity=0, size=0)
        base = base.encode(x=alt.X("t:T", scale=alt.Scale(type="utc", domain=ends, nice=False), axis=axis))
        chart = (
            alt.layer(base, *self.layers)
            .resolve_scale(x="independent")
            .properties(width=self.width_px, height=self.height_px)
            .configure(padding=0, aria=False, background="transparent", autosize="none")
            .configure_view(stroke=None)
        )
        return fur.inner_svg(
            vl_convert.vegalite_to_svg(chart.to_dict() | {"datasets": self.rows}), prefix=self.prefix
        )


def _ticks(period: Interval) -> tuple[list[int], str]:
    """Round instants along the axis in milliseconds UTC, and how they are written; at most about ten."""
    hours = period.duration_s / 3600
    for step in (1, 2, 3, 6, 12, 24, 48, 120, 168, 336):
        if hours / step <= 10 or (step == 336 and hours <= 24 * 200):
            step_us = step * US_PER_DAY // 24
            first = -(-period.start_us // step_us) * step_us
            stamp = "%H:%M" if step < 24 else "%-d %b"
            return [at // 1000 for at in range(first, period.end_us + 1, step_us)], stamp
    start, end = to_datetime(period.start_us), to_datetime(period.end_us)
    months = range(start.year * 12 + start.month, end.year * 12 + end.month)
    every = max(1, -(-len(months) // 12))
    firsts = [datetime(n // 12, n % 12 + 1, 1, tzinfo=UTC) for n in months[::every]]
    return [to_micros(first) // 1000 for first in firsts], "%b %Y"


# ---------------------------------------------------------------- timeline


def render_timeline(
    *,
    agreement: Agreement,
    result: CheckResult,
    period: Interval,
    numbers: Mapping[str, int] | None = None,
    prefix: str = "timeline",
) -> str:
    """Findings over time, a lane for each clause, with a strip that says when it was observed.

    Parameters
    ----------
    agreement, result
    period : Interval
        The width of the picture; what lies outside is cut.
    numbers : mapping of finding id to int, optional
        Reading numbers written beside the findings.
    prefix : str
        Makes ids unique where several pictures stand in one page.

    Returns
    -------
    str
        SVG; "" where no clause has a finding or coverage.
    """
    findings = [finding for finding in in_reading_order(result.findings) if finding.kind != "observed"]
    spoken = {finding.clause for finding in findings} | {item.clause for item in result.coverage}
    clauses = [clause for clause in agreement.clauses.values() if clause.id in spoken]
    if not clauses or period.duration_s == 0:
        return ""
    exposures = {
        item.name: item
        for item in exposure_by_clause(
            result.coverage, period=period, clauses=[clause.id for clause in clauses]
        )
    }
    gutter = 138.0
    plot = Plot(
        period=period, width_px=WIDTH_PX - gutter - 22, height_px=_LANE_PX * len(clauses), prefix=prefix
    )
    mixed = len({finding.exercise for finding in findings}) > 1
    words: list[str] = []
    labels = fur.Labels(width_px=plot.width_px, height_px=plot.height_px)
    for row, clause in enumerate(clauses):
        top = row * _LANE_PX
        mine = [finding for finding in findings if finding.clause == clause.id]
        _coverage_strip(plot, exposures[clause.id], top + _LANE_PX - _STRIP_PX - 5, prefix)
        _lane(plot, mine, top, labels, numbers or {}, words, gutter, mixed)
        words += _lane_head(clause, top + _HEAD_PX, gutter)
    body = f'<g transform="translate({gutter:g},{_HEAD_PX:g})">{plot.drawn()}</g>' + "".join(words)
    top = _HEAD_PX + plot.height_px + 26
    entries = _timeline_legend(prefix)
    if max(sum(finding.clause == clause.id for finding in findings) for clause in clauses) > _CROWD:
        entries.append((fur.area_symbol(fur.INK, opacity=0.35), _("many: a stroke each")))
    legend, tall = fur.legend_svg(entries, left=gutter, top=top, width_px=plot.width_px, columns=3)
    return fur.picture(
        body + legend,
        width_px=WIDTH_PX,
        height_px=top + tall + 2,
        title=_("Timeline of findings by clause"),
        description=_("Under each lane a strip says when the clause was observed; hatched is not observed."),
        prefix=prefix,
        patterns=("unseen", "unsure"),
    )


def _lane_head(clause: Clause, top: float, gutter: float) -> list[str]:
    title = fur.fitted(clause.title, gutter - 14, 9.5)
    return [
        f'<path d="M0 {top:g}H{WIDTH_PX - 22:g}" stroke="#e3e7eb" stroke-width="1"/>',
        fur.text_svg(_("clause {id}").format(id=clause.id), 0, top + 17, size=11, weight="700"),
        fur.text_svg(title, 0, top + 31, size=9.5, colour=fur.MUTED),
    ]


def _coverage_strip(plot: Plot, exposure: Exposure, top: float, prefix: str) -> None:
    def boxes(intervals: Iterable[Interval]) -> list[tuple[float, float, float, float]]:
        spans = (plot.clipped(interval) for interval in intervals)
        return [(span[0], top, span[1], top + _STRIP_PX) for span in spans if span is not None]

    plot.bars(boxes(exposure.not_observed), fill=fur.pattern(prefix, "unseen"))
    plot.bars(boxes(exposure.unreliable), fill=fur.pattern(prefix, "unsure"), least_px=1.0)
    plot.bars(boxes(exposure.observed), fill=fur.OBSERVED, least_px=1.0)
    plot.bars([(0.0, top, plot.width_px, top + _STRIP_PX)], fill=None, stroke="#aab3bb", strokeWidth=0.6)


def _lane(
    plot: Plot,
    findings: Sequence[Finding],
    top: float,
    labels: fur.Labels,
    numbers: Mapping[str, int],
    words: list[str],
    gutter: float,
    mixed: bool,
) -> None:
    """The findings of one clause; what lasts is a bar, what is short a symbol on a bar too thin to see."""
    middle = top + (_LANE_PX - _STRIP_PX - 5) / 2
    timed = [
        (finding, span)
        for finding in findings
        if finding.interval and (span := plot.clipped(finding.interval))
    ]
    doubt = [
        (a, middle - 5, b, middle + 5)
        for finding, (a, b) in timed
        if finding.kind == "report" and b - a > 8 and len(timed) <= _CROWD
    ]
    plot.bars(doubt, fill="#ffffff", stroke=fur.MUTED, strokeWidth=0.8, strokeDash=[2, 2], fillOpacity=0.4)
    lasting = [(a, middle - 1.5, b, middle + 1.5) for finding, (a, b) in timed if finding.kind != "report"]
    plot.bars(lasting, fill=fur.MUTED, least_px=1.0)
    if len(timed) > _CROWD:  # too many to tell apart: a thin stroke each, the darker the more
        for fill, verdicts in ((fur.FINDING, (Verdict.BREACH,)), (fur.INK, tuple(Verdict)[1:])):
            strokes = [(a + b) / 2 for finding, (a, b) in timed if finding.verdict in verdicts]
            plot.bars(
                [(x, middle - 9, x, middle + 9) for x in strokes], fill=fill, fillOpacity=0.35, least_px=1.2
            )
        return
    groups: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for finding, (a, b) in timed:
        judged = finding.verdict in _JUDGED
        shape = _SHAPES.get(finding.kind, "triangle-up") if judged else "circle"
        fill = fur.FINDING if finding.verdict is Verdict.BREACH else "#ffffff" if judged else "#b9bfc6"
        groups.setdefault((shape, fill), []).append(((a + b) / 2, middle))
    for (shape, fill), spots in sorted(groups.items(), key=lambda entry: entry[0][1] == fur.FINDING):
        plot.points(spots, shape, fill=fill, size=60)
        for x, y in spots:
            labels.keep_clear(x, y, 5.0)
    for finding, (a, b) in timed[:40]:
        label = number_label(finding, numbers, mixed=mixed)
        spot = labels.place(label, (a + b) / 2, middle, size=10, gap_px=6) if label else None
        if spot is not None:
            x, y = gutter + spot[0], _HEAD_PX + spot[1] + 3.5
            words.append(fur.text_svg(label, x, y, size=10, anchor="middle", weight="700", halo=True))


def _timeline_legend(prefix: str) -> list[tuple[str, str]]:
    def symbol(shape: str, fill: str) -> str:
        return fur.point_symbol(fur.SYMBOLS[shape], fill=fill)

    return [
        (symbol("diamond", fur.FINDING), _("visit, breach as encoded")),
        (symbol("diamond", "#ffffff"), _("visit, possible breach")),
        (symbol("cross", fur.FINDING), _("encounter (white: possible)")),
        (symbol("square", fur.FINDING), _("report (white: possible)")),
        (symbol("triangle-up", "#ffffff"), _("near or unobserved")),
        (symbol("circle", "#b9bfc6"), _("not evaluated")),
        (fur.area_symbol(fur.OBSERVED, stroke="#aab3bb"), _("observed")),
        (fur.area_symbol(fur.pattern(prefix, "unseen"), stroke="#aab3bb"), _("not observed")),
        (fur.area_symbol(fur.pattern(prefix, "unsure"), stroke="#aab3bb"), _("only unreliable positions")),
    ]


# ---------------------------------------------------------------- counts


def render_counts(series: Series, *, prefix: str = "counts") -> str:
    """Counts over time as bars, breaches solid and possible breaches white above them.

    A day observed with nothing counted is written as 0; a day nobody looked at is hatched from top to bottom,
    and so is the unobserved share of the strip below. "" where the series has no bins.
    """
    if not series.bins:
        return ""
    gutter, strip = 36.0, 12.0
    most = max(1, *(sum(item.by_verdict.values()) for item in series.bins))
    unit = min(22.0, 96.0 / most)
    base = max(most * unit + 18, 56.0)
    period = Interval(series.bins[0].interval.start_us, series.bins[-1].interval.end_us)
    plot = Plot(period=period, width_px=WIDTH_PX - gutter - 22, height_px=base + strip + 8, prefix=prefix)
    over = _bars(plot, series, base=base, unit=unit, left=gutter)
    below = base + 8
    plot.bars([(0.0, base, plot.width_px, base + 0.8)], fill=fur.MUTED)
    plot.bars([(0.0, below, plot.width_px, below + strip)], fill=fur.pattern(prefix, "unseen"))
    if series.effort_recorded:
        spans = [plot.clipped(part) for item in series.bins for part in item.exposure.observed]
        watched = [(span[0], below, span[1], below + strip) for span in spans if span is not None]
        plot.bars(watched, fill=fur.OBSERVED, least_px=0.8)
    body = f'<g transform="translate({gutter:g},{_HEAD_PX:g})">{plot.drawn()}</g>' + "".join(over)
    for value in sorted({0, most}):
        y = _HEAD_PX + base - value * unit + 3.3
        body += fur.text_svg(str(value), gutter - 5, y, size=9.5, anchor="end", colour=fur.MUTED)
    top = _HEAD_PX + plot.height_px + 26
    legend, rows_px = fur.legend_svg(
        _counts_legend(series, prefix), left=gutter, top=top, width_px=plot.width_px, columns=2
    )
    title = _("{what} a {step}").format(what=counting_title(series.rule.id), step=_(series.step))
    return fur.picture(
        body + legend, width_px=WIDTH_PX, height_px=top + rows_px + 2, title=title, prefix=prefix,
        description=counts_words(series), patterns=("unseen",),
    )  # fmt: skip


def _bars(plot: Plot, series: Series, *, base: float, unit: float, left: float) -> list[str]:
    """The bars and the hatching of what nobody saw; gives back the figures over the bars.

    A nought is written only where somebody looked.
    """
    over: list[str] = []
    unseen, breaches, possibles = [], [], []
    for item in series.bins:
        a, b = plot.clipped(item.interval) or (0.0, 0.0)
        half, middle = min((b - a) * 0.38, 15.0), (a + b) / 2
        breach, possible = (item.by_verdict.get(verdict, 0) for verdict in _JUDGED)
        blind = not series.effort_recorded or item.exposure.observed_s == 0
        if blind:
            unseen.append((a, 0.0, b, base))
        if breach:
            breaches.append((middle - half, base - breach * unit, middle + half, base))
        if possible:
            top = base - (breach + possible) * unit
            possibles.append((middle - half, top, middle + half, base - breach * unit))
        if b - a > 9 and (breach or possible or not blind):
            y = _HEAD_PX + base - (breach + possible) * unit - 4
            over.append(
                fur.text_svg(str(breach + possible), left + middle, y, size=9.5, anchor="middle", halo=True)
            )
    plot.bars(unseen, fill=fur.pattern(plot.prefix, "unseen"), fillOpacity=0.75)
    plot.bars(breaches, fill=fur.FINDING, stroke=fur.INK, strokeWidth=0.8)
    plot.bars(possibles, fill="#ffffff", stroke=fur.INK, strokeWidth=0.8)
    return over


def _counts_legend(series: Series, prefix: str) -> list[tuple[str, str]]:
    hatch = _("not observed") if series.effort_recorded else _("observation effort not recorded")
    entries = [
        (fur.area_symbol(fur.FINDING), _("breach as encoded")),
        (fur.area_symbol("#ffffff"), _("possible breach")),
        (fur.area_symbol(fur.pattern(prefix, "unseen"), stroke="#aab3bb"), hatch),
    ]
    if series.effort_recorded:
        entries.insert(2, (fur.area_symbol(fur.OBSERVED, stroke="#aab3bb"), _("observed (strip below)")))
    return entries
