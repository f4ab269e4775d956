// What happens when: read the data, then draw everything again whenever the filter or the width changes.

const PAUSE_IN_TYPING = 120;

function debounced(action, milliseconds) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(action, milliseconds);
  };
}

class Report {
  constructor(data) {
    this.images = data.images;
    this.rejections = data.rejections;
    this.table = new VirtualTable(document.getElementById("table"));
    this.imageColumns = imageColumns(this.images);
    this.rejectionColumns = rejectionColumns(this.rejections);
    this.shown = "images";
  }

  listen() {
    const form = document.getElementById("filters");
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", debounced(() => this.filter(), PAUSE_IN_TYPING));
    form.addEventListener("reset", () => setTimeout(() => this.filter()));
    for (const table of ["images", "rejections"]) {
      document.getElementById(`show-${table}`).addEventListener("click", () => this.showTable(table));
    }
    let width = innerWidth;
    const redraw = debounced(() => this.drawCharts(), PAUSE_IN_TYPING);
    addEventListener("resize", () => {
      if (innerWidth !== width) redraw();
      width = innerWidth;
    });
  }

  filter() {
    const filter = readFilter();
    this.rows = selectImages(this.images, filter);
    this.rejected = selectRejections(this.rejections, filter);
    document.getElementById("matching").textContent = `${countText(this.rows.length)} of ${plural(this.images.rows, "row")}`;
    showTotals(this.images, this.rows, this.rejected);
    showLargest(this.images, this.rows);
    showDuplicates(this.images, this.rows);
    this.drawCharts();
    this.showTable(this.shown);
  }

  drawCharts() {
    const { images, rows } = this;
    const choose = (name) => (value) => this.choose(name, value);
    drawOverTime(images, rows);
    drawDictionary("formats", "Images by format", images, images.format, rows, "var(--accent)", choose("format"));
    drawRatios(images, rows);
    drawDimensions(images, rows);
    drawFileSizes(images, rows);
    drawCameras(images, rows, choose("camera"));
    drawYears(images, rows, choose("year"));
    showRejections(this.rejections, this.rejected);
  }

  /** A clicked bar sets the filter of its kind; a second click takes it away. */
  choose(name, value) {
    const select = document.getElementById(`filter-${name}`);
    select.value = select.value === String(value) ? ANY : String(value);
    this.filter();
  }

  showTable(name) {
    this.shown = name;
    for (const table of ["images", "rejections"]) {
      document.getElementById(`show-${table}`).setAttribute("aria-pressed", String(table === name));
    }
    if (name === "images") {
      this.table.show(this.imageColumns, this.rows, (row) => (this.images.history[row] ? "history" : ""));
    } else {
      this.table.show(this.rejectionColumns, this.rejected, () => "");
    }
  }
}

function showSummary(data) {
  const old = d3.sum(data.images.history);
  document.getElementById("summary").textContent =
    `${plural(data.images.rows, "image row")} and ${plural(data.rejections.rows, "rejection")}, read ${momentText(data.read_at)} UTC`;
  const history = document.getElementById("history");
  history.hidden = old === 0;
  history.title = "Also the rows of uploads that are superseded or deleted";
  history.querySelector("span").textContent = `History (${countText(old)})`;
}

async function main() {
  const data = await readData();
  prepare(data);
  showSummary(data);
  fillFilters(data.images);
  document.getElementById("report").hidden = false;
  const report = new Report(data);
  report.listen();
  report.filter();
  document.documentElement.dataset.ready = "true";
}

main().catch((error) => {
  const notice = document.getElementById("failure");
  notice.hidden = false;
  notice.textContent = `The report could not be drawn: ${error}. It needs a browser of 2023 or later.`;
});
