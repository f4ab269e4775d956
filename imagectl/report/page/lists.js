// Totals, and the short lists: largest, duplicates, rejections.

const LONGEST_LIST = 8;
const MOST_GROUPS = 10;
const MOST_NAMES = 50;
const MOST_EXAMPLES = 5;

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

/** A name from outside, set as text, whole in its tooltip. */
function nameElement(name, tag = "span") {
  const made = element(tag, "name", visible(name));
  made.title = made.textContent;
  return made;
}

function item(name, figure, className) {
  const made = element("li", className);
  made.append(nameElement(name), element("span", "figure", figure));
  return made;
}

function showTotals(images, rows, rejected) {
  const bytes = d3.sum(rows, (row) => images.bytes[row]);
  const copies = duplicateGroups(images, rows);
  const spare = d3.sum(copies, (group) => (group.length - 1) * images.bytes[group[0]]);
  const cameras = new Set(rows.map((row) => images.camera[row]).filter((code) => images.camera.dictionary[code] !== null));
  const tiles = [
    [countText(rows.length), rows.length === 1 ? "image" : "images"],
    [bytesText(bytes), "in total"],
    [rows.length ? bytesText(d3.median(rows, (row) => images.bytes[row])) : "–", "median file size"],
    [rows.length ? megapixelsText(d3.median(rows, (row) => pixels(images, row))) : "–", "median pixels"],
    [countText(new Set(rows.map((row) => images.format[row])).size), "formats"],
    [countText(cameras.size), "cameras"],
    [bytesText(spare), "in duplicates"],
    [countText(rejected.length), rejected.length === 1 ? "rejection" : "rejections"],
  ];
  document.getElementById("totals").replaceChildren(
    ...tiles.map(([figure, label]) => {
      const tile = element("div", "tile");
      tile.append(element("b", "", figure), element("span", "", label));
      return tile;
    }),
  );
}

function showLargest(images, rows) {
  const list = (id, size, figure) => {
    const largest = topRows(rows, size);
    document.getElementById(id).replaceChildren(...largest.map((row) => item(images.file_name[row], figure(row))));
  };
  const shape = (row) => `${countText(images.width[row])} × ${countText(images.height[row])}`;
  list("largest-files", (row) => images.bytes[row], (row) => `${bytesText(images.bytes[row])} · ${shape(row)}`);
  list("largest-pixels", (row) => pixels(images, row), (row) => `${shape(row)} · ${megapixelsText(pixels(images, row))}`);
}

/** The few rows with the largest size, largest first, without sorting all of them. */
function topRows(rows, size) {
  const top = [];
  for (const row of rows) {
    if (top.length === LONGEST_LIST && size(row) <= size(top.at(-1))) continue;
    top.splice(d3.bisector((other) => -size(other)).right(top, -size(row)), 0, row);
    if (top.length > LONGEST_LIST) top.pop();
  }
  return top;
}

function showDuplicates(images, rows) {
  const spare = (group) => (group.length - 1) * images.bytes[group[0]];
  const groups = duplicateGroups(images, rows).sort((a, b) => d3.descending(spare(a), spare(b)));
  const unknown = d3.sum(rows, (row) => images.copy[row] === null);
  const more = groups.length > MOST_GROUPS ? ` The ${MOST_GROUPS} that take most are listed.` : "";
  const without = unknown ? ` ${plural(unknown, "image")} without a Content-MD5 could not be compared.` : "";
  const told = groups.length
    ? `${plural(groups.length, "group")} of images with the same Content-MD5 and size; ` +
      `keeping one of each would save ${bytesText(d3.sum(groups, spare))}.`
    : "No two images have the same Content-MD5 and size.";
  document.getElementById("duplicates-note").textContent = told + more + without;
  document.getElementById("duplicates").replaceChildren(
    ...groups.slice(0, MOST_GROUPS).map((group) =>
      expandable(images.file_name[group[0]], `${group.length} × ${bytesText(images.bytes[group[0]])}`, [
        ...group.slice(0, MOST_NAMES).map((row) => item(images.file_name[row], momentText(images.uploaded_at[row]))),
        ...(group.length > MOST_NAMES ? [element("li", "", `and ${countText(group.length - MOST_NAMES)} more`)] : []),
      ]),
    ),
  );
}

function expandable(name, figure, items) {
  const details = element("details");
  const summary = element("summary");
  summary.append(nameElement(name), element("span", "figure", figure));
  const list = element("ul", "list");
  list.append(...items);
  details.append(summary, list);
  return details;
}

function showRejections(rejections, rows) {
  const byReason = [...d3.group(rows, (row) => rejections.reason[row])].sort((a, b) => d3.descending(a[1].length, b[1].length));
  const nameOf = (code) => visible(rejections.reason.dictionary[code] ?? UNKNOWN);
  drawCategories("reasons", "Rejections by reason", byReason.map(([code, found]) => [nameOf(code), found.length]), "var(--warm)");
  const examples = byReason.map(([code, found]) =>
    expandable(nameOf(code), countText(found.length), found.slice(0, MOST_EXAMPLES).map((row) =>
      item(rejections.file_name[row], visible(valueOf(rejections.detail, row)), "stacked"),
    )),
  );
  if (examples.length) examples[0].open = true;
  else examples.push(element("p", "nothing", "No rejections"));
  document.getElementById("examples").replaceChildren(...examples);
}
