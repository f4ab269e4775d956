// The charts: each aggregates the selected rows and draws what is left, so that the page stays small.

const INTERVALS = [
  ["hour", 3600, d3.utcHour],
  ["day", 86400, d3.utcDay],
  ["week", 7 * 86400, d3.utcMonday],
  ["month", 30 * 86400, d3.utcMonth],
  ["quarter", 91 * 86400, d3.utcMonth.every(3)],
  ["year", 365 * 86400, d3.utcYear],
];
const MOST_BARS = 64;
const TIP_LINE_HEIGHT = 1.25;
const MOST_CATEGORIES = 12;
const SMALL = { fontSize: "12px", fontFamily: "inherit", background: "transparent", color: "var(--quiet)" };
const RATIOS = [
  [9 / 21, "9:21"], [1 / 2, "1:2"], [9 / 16, "9:16"], [10 / 16, "10:16"], [2 / 3, "2:3"], [3 / 4, "3:4"], [4 / 5, "4:5"],
  [1, "1:1"],
  [5 / 4, "5:4"], [4 / 3, "4:3"], [3 / 2, "3:2"], [16 / 10, "16:10"], [16 / 9, "16:9"], [2, "2:1"], [21 / 9, "21:9"],
];
const RATIO_TOLERANCE = 0.015;

/** Draw one chart into its card; `pick` is called with the datum of a bar that is clicked. */
function draw(id, label, data, options, pick) {
  const place = document.getElementById(id);
  if (data.length === 0) {
    const nothing = Object.assign(document.createElement("p"), { className: "nothing", textContent: "No rows" });
    place.replaceChildren(nothing);
    return;
  }
  const chart = Plot.plot({ width: Math.max(place.clientWidth, 240), style: SMALL, ...options });
  // Plot's own style element would be refused by the page's policy; report.css has its rules.
  for (const style of chart.querySelectorAll("style")) style.remove();
  chart.setAttribute("role", "img");
  chart.setAttribute("aria-label", label);
  if (pick) makePickable(chart, data, pick);
  place.replaceChildren(chart);
}

function makePickable(chart, data, pick) {
  d3.select(chart)
    .selectAll("[aria-label=bar] rect")
    .classed("pickable", true)
    .on("click", (_event, index) => pick(data[index]));
}

function drawOverTime(images, rows) {
  const dated = rows.filter((row) => images.uploaded_at[row] !== null);
  const [first, last] = d3.extent(dated, (row) => images.uploaded_at[row]);
  const [period, , interval] = INTERVALS.find(([, seconds]) => (last - first) / seconds <= MOST_BARS) ?? INTERVALS.at(-1);
  const bins = new Map();
  for (const row of dated) {
    const start = +interval.floor(new Date(images.uploaded_at[row] * 1000));
    const bin = bins.get(start) ?? { start: new Date(start), end: interval.offset(new Date(start)), count: 0, bytes: 0 };
    bin.count += 1;
    bin.bytes += images.bytes[row];
    bins.set(start, bin);
  }
  const data = [...bins.values()];
  drawBins("images-over-time", "Images uploaded", period, data, "count", countText, "var(--accent)");
  drawBins("bytes-over-time", "Bytes uploaded", period, data, "bytes", bytesText, "var(--second)");
}

function drawBins(id, what, period, data, value, text, color) {
  const label = `${what} per ${period}`;
  note(`${id}-caption`, label);
  const most = d3.max(data, (bin) => bin[value]) ?? 0;
  draw(id, label, data, {
    height: 210,
    marginLeft: 62,
    x: { type: "utc", label: null, ticks: 5 },
    y: { label: null, grid: true, tickFormat: text, ticks: value === "bytes" ? binaryTicks(most) : wholeTicks(most) },
    marks: [
      Plot.rectY(data, { x1: "start", x2: "end", y: value, fill: color, insetLeft: 0.5, insetRight: 0.5 }),
      Plot.tip(data, Plot.pointerX({
        x1: "start", x2: "end", y: value, lineHeight: TIP_LINE_HEIGHT,
        title: (bin) => `${periodText(period, bin.start)}\n${plural(bin.count, "image")}, ${bytesText(bin.bytes)}`,
      })),
      Plot.ruleY([0], { stroke: "var(--line)" }),
    ],
  });
}

function periodText(period, start) {
  const [date, time] = momentText(start / 1000).split(" ");
  return period === "day" ? date : period === "hour" ? `${date} ${time} UTC` : `The ${period} from ${date}`;
}

function wholeTicks(most) {
  return d3.ticks(0, most, 4).filter(Number.isInteger);
}

/** Round numbers of the unit that bytes are written in. */
function binaryTicks(most) {
  const unit = 1024 ** Math.floor(Math.log2(Math.max(most, 1)) / 10);
  return d3.ticks(0, most / unit, 4).map((tick) => tick * unit);
}

/** Horizontal bars with their figures: [label, count, bytes, code] each. */
function drawCategories(id, label, data, color, pick) {
  const most = d3.max(data, (bar) => bar[1]) ?? 0;
  const width = document.getElementById(id).clientWidth;
  const name = (bar) => bar[0];
  const figure = (bar) => (bar[2] === undefined ? countText(bar[1]) : `${countText(bar[1])} · ${bytesText(bar[2])}`);
  const room = Math.min(24, Math.floor(width / 20), d3.max(data, (bar) => bar[0].length) ?? 0);
  draw(id, label, data, {
    height: 34 + 25 * data.length,
    marginLeft: 18 + 7.2 * room,
    marginRight: 14 + 6.6 * (d3.max(data, (bar) => figure(bar).length) ?? 0),
    marginTop: 4,
    marginBottom: 10,
    x: { axis: null, domain: [0, Math.max(most, 1)] },
    y: { label: null, domain: data.map(name), tickSize: 0, tickFormat: (text) => cut(text, room) },
    marks: [
      Plot.barX(data, { x: (bar) => bar[1], y: name, fill: color, rx: 2, insetTop: 1, insetBottom: 1, title: name }),
      Plot.text(data, {
        x: (bar) => bar[1], y: name, dx: 6, textAnchor: "start", fill: "currentColor", text: figure,
      }),
    ],
  }, pick);
}

function cut(text, most) {
  const chars = [...text];
  return chars.length <= most ? text : `${chars.slice(0, most - 1).join("")}…`;
}

/** Bars for the commonest values of a dictionary column; the rest is one bar. Rows without a value have none. */
function drawDictionary(id, label, images, column, rows, color, pick) {
  const bars = tally(images, column, rows)
    .filter(([code]) => column.dictionary[code] !== null)
    .map(([code, count, bytes]) => [visible(column.dictionary[code]), count, bytes, code]);
  const rest = bars.splice(MOST_CATEGORIES);
  if (rest.length) {
    bars.push([`${countText(rest.length)} others`, d3.sum(rest, (bar) => bar[1]), d3.sum(rest, (bar) => bar[2]), null]);
  }
  drawCategories(id, label, bars, color, (bar) => bar[3] !== null && pick(bar[3]));
}

function drawCameras(images, rows, pick) {
  drawDictionary("cameras", "Images by camera", images, images.camera, rows, "var(--accent)", pick);
  const without = d3.sum(rows, (row) => images.camera.dictionary[images.camera[row]] === null);
  note("cameras-note", without && `${plural(without, "image names", "images name")} no camera`);
}

function note(id, text) {
  document.getElementById(id).textContent = text || "";
}

function hasSize(images, row) {
  return displayedWidth(images, row) > 0 && displayedHeight(images, row) > 0;
}

function ratioOf(images, row) {
  const ratio = displayedWidth(images, row) / displayedHeight(images, row);
  const known = RATIOS.findIndex(([value]) => Math.abs(ratio / value - 1) <= RATIO_TOLERANCE);
  if (known >= 0) return known;
  return ratio < 1 ? "portrait" : "landscape";
}

function drawRatios(images, rows) {
  const sized = rows.filter((row) => hasSize(images, row));
  const counts = d3.rollup(sized, (found) => found.length, (row) => ratioOf(images, row));
  const named = RATIOS.map(([, name], index) => [name, counts.get(index) ?? 0]);
  const other = ["portrait", "landscape"].map((kind) => [`other ${kind}`, counts.get(kind) ?? 0]);
  const bars = [...named, ...other].filter((bar) => bar[1]).sort((a, b) => d3.descending(a[1], b[1]));
  drawCategories("ratios", "Images by aspect ratio", bars.slice(0, MOST_CATEGORIES), "var(--second)");
}

function drawDimensions(images, rows) {
  const step = 4;
  const bin = (length) => Math.floor(Math.log2(length) * step + 1e-9);
  const edge = (index) => 2 ** (index / step);
  const counts = new Map();
  for (const row of rows.filter((found) => hasSize(images, found))) {
    const x = bin(displayedWidth(images, row));
    const y = bin(displayedHeight(images, row));
    const found = counts.get(x * 4096 + y) ?? { x1: edge(x), x2: edge(x + 1), y1: edge(y), y2: edge(y + 1), count: 0 };
    found.count += 1;
    counts.set(x * 4096 + y, found);
  }
  const data = [...counts.values()];
  const most = d3.max(data, (cell) => cell.count);
  const side = (from, to) => `${countText(Math.round(from))} to ${countText(Math.round(to))}`;
  const ends = d3.extent(data.flatMap((cell) => [cell.x1, cell.x2, cell.y1, cell.y2]));
  const axis = {
    type: "log", base: 2, grid: true, domain: ends, ticks: powersOfTwo(...ends), tickFormat: (length) => countText(length),
  };
  draw("dimensions", "Images by displayed width and height", data, {
    height: 310,
    marginLeft: 56,
    marginBottom: 42,
    x: { ...axis, label: "width, pixels" },
    y: { ...axis, label: "height, pixels" },
    marks: [
      Plot.rect(data, {
        x1: "x1", x2: "x2", y1: "y1", y2: "y2", inset: 0.5, fill: "var(--accent)",
        fillOpacity: (cell) => 0.18 + 0.82 * Math.sqrt(cell.count / most),
      }),
      Plot.tip(data, Plot.pointer({
        x: (cell) => Math.sqrt(cell.x1 * cell.x2), y: (cell) => Math.sqrt(cell.y1 * cell.y2),
        lineHeight: TIP_LINE_HEIGHT,
        title: (cell) => `${side(cell.x1, cell.x2)} wide\n${side(cell.y1, cell.y2)} high\n${plural(cell.count, "image")}`,
      })),
    ],
  });
}

/** At most about eight ticks for a logarithmic axis. */
function powersOfTwo(low, high) {
  const [first, last] = [Math.ceil(Math.log2(low) - 1e-9), Math.floor(Math.log2(high) + 1e-9)];
  const step = Math.max(1, Math.ceil((last - first) / 7));
  return d3.range(Math.ceil(first / step) * step, last + 1, step).map((power) => 2 ** power);
}

function drawFileSizes(images, rows) {
  const counts = new Map();
  for (const row of rows) {
    const power = Math.floor(Math.log2(Math.max(images.bytes[row], 1)) * 2);
    counts.set(power, (counts.get(power) ?? 0) + 1);
  }
  const data = [...counts].map(([power, count]) => ({ low: 2 ** (power / 2), high: 2 ** ((power + 1) / 2), count }));
  const ends = [d3.min(data, (bin) => bin.low), d3.max(data, (bin) => bin.high)];
  draw("file-sizes", "Images by file size", data, {
    height: 300,
    marginLeft: 62,
    x: { type: "log", base: 2, domain: ends, label: null, tickFormat: bytesText, ticks: powersOfTwo(...ends) },
    y: { label: null, grid: true, tickFormat: countText, ticks: wholeTicks(d3.max(data, (bin) => bin.count) ?? 0) },
    marks: [
      Plot.rectY(data, { x1: "low", x2: "high", y: "count", fill: "var(--accent)", insetLeft: 0.5, insetRight: 0.5 }),
      Plot.tip(data, Plot.pointerX({
        x: (bin) => Math.sqrt(bin.low * bin.high), y: "count", lineHeight: TIP_LINE_HEIGHT,
        title: (bin) => `${bytesText(bin.low)} to ${bytesText(bin.high)}\n${plural(bin.count, "image")}`,
      })),
      Plot.ruleY([0], { stroke: "var(--line)" }),
    ],
  });
}

function drawYears(images, rows, pick) {
  const counts = d3.rollup(rows, (found) => found.length, (row) => images.year[row]);
  const undated = counts.get(null) ?? 0;
  counts.delete(null);
  const years = [...counts].sort((a, b) => d3.ascending(a[0], b[0]));
  const narrow = document.getElementById("years").clientWidth / Math.max(years.length, 1) < 34;
  note("years-note", undated && `${plural(undated, "image has", "images have")} no date in the file`);
  draw("years", "Images by year taken", years, {
    height: 270,
    marginLeft: 62,
    x: { type: "band", label: null, tickFormat: narrow ? (year) => `’${String(year).slice(-2)}` : String },
    y: { label: null, grid: true, tickFormat: countText, ticks: wholeTicks(d3.max(years, (bar) => bar[1]) ?? 0) },
    marks: [
      Plot.barY(years, { x: (bar) => bar[0], y: (bar) => bar[1], fill: "var(--warm)", rx: 2, title: (bar) => `${bar[0]}: ${plural(bar[1], "image")}` }),
      Plot.ruleY([0], { stroke: "var(--line)" }),
    ],
  }, (bar) => pick(bar[0]));
}
