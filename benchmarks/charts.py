"""Bar charts of the end-to-end figures, as SVG without a script."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

import pygal
from pygal.style import Style

_STYLE = Style(
    background="white", plot_background="white", colors=("#9a9a9a", "#4c78c8", "#2a9d6f"), font_family="sans-serif"
)


def write_bars(file: Path, title: str, groups: Sequence[str], series: Mapping[str, Sequence[float]], unit: str) -> None:
    """Draw a group of bars per workload, with a bar per way on a logarithmic axis.

    Args:
        file: the SVG to write.
        title: with the direction that is better.
        groups: the workloads.
        series: for each way a value per group.
        unit: of the values.
    """
    chart = pygal.Bar(
        style=_STYLE, js=(), logarithmic=True, print_values=True, width=900, height=420, legend_at_bottom=True
    )
    chart.title, chart.x_labels, chart.y_title = title, groups, unit
    chart.value_formatter = _three_digits
    for name, values in series.items():
        chart.add(name, values)
    picture = chart.render_tree()
    for script in picture.findall(".//{*}script"):
        picture.find(".//{*}defs").remove(script)
    file.write_bytes(ET.tostring(picture))


def _three_digits(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"  # noqa: PLR2004  # from here on digits behind the point mislead
