"""Bar charts of the end-to-end figures, as SVG without a script."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

import pygal
from pygal.style import Style

_STYLE = Style(
    background="white",
    plot_background="white",
    colors=("#9a9a9a", "#4c78c8", "#2a9d6f"),
    font_family="sans-serif",
    opacity=1,
)


def write_bars(
    file: Path, title: str, groups: Sequence[str], series: Mapping[str, Sequence[float]], *, logarithmic: bool = False
) -> None:
    """Draw a group of bars per workload, with a bar per way.

    Args:
        file: the SVG to write.
        title: with the direction that is better.
        groups: the workloads.
        series: for each way a value per group.
        logarithmic: the axis begins at 1 and is logarithmic; otherwise it begins at 0 and is linear.
    """
    highest = max(max(values) for values in series.values())
    chart = pygal.Bar(
        style=_STYLE,
        logarithmic=logarithmic,
        range=(int(logarithmic), highest),
        zero=int(logarithmic),
        print_values=True,
        print_values_position="top",
        width=900,
        height=420,
        legend_at_bottom=True,
        legend_at_bottom_columns=len(series),
    )
    chart.title, chart.x_labels = title, groups
    if logarithmic:
        chart.y_labels = [10**power for power in range(math.ceil(math.log10(highest)) + 1)]
    chart.value_formatter = _three_digits
    for name, values in series.items():
        chart.add(name, values)
    picture = chart.render_tree()
    for script in picture.findall(".//{*}script"):
        picture.find(".//{*}defs").remove(script)
    file.write_bytes(ET.tostring(picture))


def _three_digits(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"  # noqa: PLR2004  # from here on digits behind the point mislead
