// The data of the page, column by column, and how its values are written.

const UNKNOWN = "unknown";

/** The two tables; each column becomes an object with `length` and `at(row)`, or an array. */
async function readData() {
  const packed = atob(document.getElementById("data").textContent.trim());
  const bytes = new Uint8Array(packed.length);
  for (let i = 0; i < packed.length; i += 1) bytes[i] = packed.charCodeAt(i);
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const data = await new Response(unpacked).json();
  return { ...data, images: decodeTable(data.images), rejections: decodeTable(data.rejections) };
}

function decodeTable({ rows, columns }) {
  const table = { rows };
  for (const [name, column] of Object.entries(columns)) table[name] = decodeColumn(column);
  return table;
}

/** An array; of a column that is a dictionary, the codes, with what they stand for as its property `dictionary`. */
function decodeColumn(column) {
  if (column.steps) return fromSteps(column.steps);
  if (column.codes) return Object.assign(column.codes, { dictionary: column.values });
  return column;
}

function fromSteps(steps) {
  let last = 0;
  return steps.map((step) => (step === null ? null : (last += step)));
}

function valueOf(column, row) {
  return column.dictionary ? column.dictionary[column[row]] : column[row];
}

/** Text from outside with what cannot be seen written out: control, format and bidirectional characters. */
function visible(text) {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu, (char) =>
    char === "\u200d" ? char : `\\u{${char.codePointAt(0).toString(16)}}`,
  );
}

function displayedWidth(images, row) {
  return images.display_width[row] ?? images.width[row];
}

function displayedHeight(images, row) {
  return images.display_height[row] ?? images.height[row];
}

function pixels(images, row) {
  return images.width[row] * images.height[row];
}

const NUMBER = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const TWO_DIGITS = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 2 });
const UNITS = ["B", "KB", "MB", "GB", "TB", "PB"];

function countText(count) {
  return NUMBER.format(count);
}

function plural(count, one, many = `${one}s`) {
  return `${countText(count)} ${count === 1 ? one : many}`;
}

/** Bytes in units of 1,024, as `file_size_kb` counts them. */
function bytesText(bytes) {
  let unit = 0;
  let value = bytes;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = Number.isInteger(value) || value >= 99.5 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

function megapixelsText(count) {
  const millions = count / 1e6;
  return `${(millions >= 10 ? NUMBER : TWO_DIGITS).format(millions)} MP`;
}

function momentText(seconds) {
  return seconds === null ? "" : new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ");
}

function yearOf(seconds) {
  return seconds === null ? null : new Date(seconds * 1000).getUTCFullYear();
}
