// Which rows are looked at, and what there is to choose from.

const ANY = "";

/** Rows of `images` that the filter lets through, in their order. */
function selectImages(images, filter) {
  const selected = [];
  for (let row = 0; row < images.rows; row += 1) {
    if (!filter.history && images.history[row]) continue;
    if (filter.format !== ANY && images.format[row] !== filter.format) continue;
    if (filter.camera !== ANY && images.camera[row] !== filter.camera) continue;
    if (filter.year !== ANY && images.year[row] !== filter.year) continue;
    if (filter.duplicates && !images.duplicate[row]) continue;
    if (filter.name !== ANY && !images.searched[row].includes(filter.name)) continue;
    selected.push(row);
  }
  return selected;
}

function selectRejections(rejections, filter) {
  const all = d3.range(rejections.rows);
  return filter.name === ANY ? all : all.filter((row) => rejections.searched[row].includes(filter.name));
}

/** Add what is computed once: lower-case names for the search, and the year taken. */
function prepare({ images, rejections }) {
  images.searched = images.file_name.map((name) => name.toLowerCase());
  rejections.searched = rejections.file_name.map((name) => name.toLowerCase());
  images.year = images.taken_at.map(yearOf);
  const rows = d3.range(images.rows).filter((row) => !images.history[row]);
  images.duplicate = new Uint8Array(images.rows);
  for (const group of duplicateGroups(images, rows)) for (const row of group) images.duplicate[row] = 1;
}

/** Groups of at least two rows with the same content; a copy number of 0 is unique, null unknown. */
function duplicateGroups(images, rows) {
  const groups = d3.group(
    rows.filter((row) => images.copy[row]),
    (row) => images.copy[row],
  );
  return [...groups.values()].filter((group) => group.length > 1);
}

/** Rows per value of a column with a dictionary, most first: [code, count, bytes]. */
function tally(images, column, rows) {
  const counts = new Map();
  for (const row of rows) {
    const found = counts.get(column[row]) ?? [column[row], 0, 0];
    found[1] += 1;
    found[2] += images.bytes[row];
    counts.set(column[row], found);
  }
  return [...counts.values()].sort((a, b) => d3.descending(a[1], b[1]));
}

function fillSelect(select, first, choices) {
  select.replaceChildren(
    ...[[ANY, first], ...choices].map(([value, text]) => Object.assign(new Option(text, value), {})),
  );
}

function fillFilters(images) {
  const rows = d3.range(images.rows);
  for (const [name, first] of [["format", "All formats"], ["camera", "All cameras"]]) {
    fillSelect(
      document.getElementById(`filter-${name}`),
      first,
      tally(images, images[name], rows).map(([code, count]) => [
        code,
        `${visible(images[name].dictionary[code] ?? UNKNOWN)} (${countText(count)})`,
      ]),
    );
  }
  const years = [...d3.rollup(rows, (found) => found.length, (row) => images.year[row])];
  years.sort((a, b) => d3.descending(a[0] ?? -1, b[0] ?? -1));
  fillSelect(
    document.getElementById("filter-year"),
    "All years",
    years.map(([year, count]) => [year ?? UNKNOWN, `${year ?? UNKNOWN} (${countText(count)})`]),
  );
}

/** The filter as the form says it. */
function readFilter() {
  const value = (name) => document.getElementById(`filter-${name}`).value;
  const checked = (name) => document.getElementById(`filter-${name}`).checked;
  const number = (text) => (text === ANY ? ANY : Number(text));
  return {
    name: value("name").toLowerCase(),
    format: number(value("format")),
    camera: number(value("camera")),
    year: value("year") === UNKNOWN ? null : number(value("year")),
    history: checked("history"),
    duplicates: checked("duplicates"),
  };
}
