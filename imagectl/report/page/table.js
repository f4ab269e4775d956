// The table of all rows: only what is in view is in the document.

const ROW_HEIGHT = 32;
const OVERSCAN = 8;
// Browsers cap an element's height, at the least at some 17 million pixels.
const TALLEST = 12_000_000;

class VirtualTable {
  /** A column is {title, width in rem, number, text(row), value(row)}; the first takes what the others leave. */
  constructor(place) {
    this.place = place;
    this.table = element("table");
    this.head = element("thead");
    this.body = element("tbody");
    this.table.append(this.head, this.body);
    place.replaceChildren(this.table);
    place.addEventListener("scroll", () => this.#soon());
    place.addEventListener("keydown", (event) => this.#jump(event));
    new ResizeObserver(() => this.#soon()).observe(place);
  }

  show(columns, rows, describe) {
    const isOther = columns !== this.columns;
    this.columns = columns;
    this.describe = describe;
    this.rows = rows;
    if (isOther) {
      this.sorting = null;
      this.#drawHead();
    }
    this.#sort();
  }

  #drawHead() {
    const line = element("tr");
    this.table.style.minWidth = `calc(var(--name-width) + ${d3.sum(this.columns, (column) => column.width)}rem)`;
    for (const column of this.columns) {
      const cell = element("th", column.number ? "number" : "");
      cell.scope = "col";
      if (column.width) cell.style.width = `${column.width}rem`;
      const button = element("button", "", column.title);
      button.type = "button";
      button.addEventListener("click", () => this.#sortBy(column));
      cell.append(button);
      line.append(cell);
    }
    this.head.replaceChildren(line);
  }

  #sortBy(column) {
    const descending = this.sorting?.column === column ? !this.sorting.descending : Boolean(column.number);
    this.sorting = { column, descending };
    this.#sort();
  }

  #sort() {
    const { column, descending } = this.sorting ?? {};
    this.order = column ? sorted(this.rows, column.value, descending) : this.rows;
    [...this.head.rows[0].cells].forEach((cell, index) => {
      if (this.columns[index] === column) cell.setAttribute("aria-sort", descending ? "descending" : "ascending");
      else cell.removeAttribute("aria-sort");
    });
    this.place.scrollTop = 0;
    this.#draw();
  }

  #jump(event) {
    const end = { Home: 0, End: this.place.scrollHeight }[event.key];
    if (end === undefined) return;
    event.preventDefault();
    this.place.scrollTop = end;
  }

  #soon() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    const count = this.order.length;
    const height = Math.min(count * ROW_HEIGHT, TALLEST);
    const inView = Math.ceil(this.place.clientHeight / ROW_HEIGHT);
    const share = this.place.scrollTop / Math.max(height - this.place.clientHeight, 1);
    const top = height < TALLEST ? this.place.scrollTop / ROW_HEIGHT : share * (count - inView);
    const first = Math.max(0, Math.min(Math.floor(top), count - inView) - OVERSCAN);
    const last = Math.min(count, first + inView + 2 * OVERSCAN);
    const shown = (last - first) * ROW_HEIGHT;
    const above = height < TALLEST ? first * ROW_HEIGHT : share * Math.max(height - shown, 0);
    this.table.setAttribute("aria-rowcount", count + 1);
    this.body.replaceChildren(
      this.#space(above),
      ...this.order.slice(first, last).map((row, index) => this.#line(row, first + index)),
      this.#space(Math.max(height - above - shown, 0)),
    );
  }

  #line(row, index) {
    const line = element("tr", this.describe(row));
    line.setAttribute("aria-rowindex", index + 2);
    for (const column of this.columns) {
      const cell = element("td", column.number ? "number" : "name", visible(column.text(row)));
      if (!column.number) cell.title = cell.textContent;
      line.append(cell);
    }
    return line;
  }

  #space(height) {
    const line = element("tr", "space");
    line.setAttribute("aria-hidden", "true");
    line.style.height = `${height}px`;
    line.append(Object.assign(element("td"), { colSpan: this.columns.length }));
    return line;
  }
}

/** The rows in the order of their values; rows without a value come last either way. */
function sorted(rows, value, descending) {
  const values = new Map(rows.map((row) => [row, value(row) ?? null]));
  const compare = descending ? d3.descending : d3.ascending;
  return [...rows].sort((a, b) => {
    const [left, right] = [values.get(a), values.get(b)];
    if (left === null || right === null) return (left === null) - (right === null);
    return compare(left, right);
  });
}

function imageColumns(images) {
  const text = (title, width, name) => ({
    title, width, text: (row) => valueOf(images[name], row) ?? "", value: (row) => valueOf(images[name], row),
  });
  const number = (title, width, name, written = countText) => ({
    title, width, number: true, value: (row) => images[name][row],
    text: (row) => (images[name][row] === null ? "" : written(images[name][row])),
  });
  const columns = [
    text("Name", 0, "file_name"),
    text("Format", 6, "format"),
    number("Size", 6, "bytes", bytesText),
    number("Width", 5.5, "width"),
    number("Height", 5.5, "height"),
    number("Uploaded (UTC)", 9.5, "uploaded_at", momentText),
    number("Taken (local)", 9.5, "taken_at", momentText),
    text("Camera", 13, "camera"),
    text("Lens", 12, "lens_model"),
    text("Color", 5, "color_mode"),
    number("Frames", 5, "frame_count"),
  ];
  if (images.container.dictionary.filter(Boolean).length > 1) columns.splice(1, 0, text("Container", 9, "container"));
  if (images.latitude) columns.push(number("Latitude", 6.5, "latitude", String), number("Longitude", 6.5, "longitude", String));
  return columns;
}

function rejectionColumns(rejections) {
  return [
    { title: "Name", width: 0, text: (row) => rejections.file_name[row], value: (row) => rejections.file_name[row] },
    { title: "Reason", width: 11, text: (row) => valueOf(rejections.reason, row), value: (row) => valueOf(rejections.reason, row) },
    { title: "Detail", width: 28, text: (row) => valueOf(rejections.detail, row), value: (row) => valueOf(rejections.detail, row) },
    { title: "Size", width: 6, number: true, text: (row) => bytesText(rejections.bytes[row]), value: (row) => rejections.bytes[row] },
    { title: "Uploaded (UTC)", width: 9.5, number: true, text: (row) => momentText(rejections.uploaded_at[row]), value: (row) => rejections.uploaded_at[row] },
  ];
}
