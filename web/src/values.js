// From Arrow's values to plain ones. Types are told by number, because Node's DuckDB brings an Arrow of its own.

const INT = 2, FLOAT = 3, BINARY = 4, BOOL = 6, DECIMAL = 7, DATE = 8, TIME = 9, TIMESTAMP = 10, INTERVAL = 11;
const DAY = 86_400_000;

/** A function that turns a value of an Arrow type into a number, text, true or false, or null. */
export function converter(type) {
  switch (type.typeId) {
    case INT:
      return (value) => (typeof value === "bigint" ? small(value) : value);
    case FLOAT:
    case BOOL:
      return (value) => value;
    case DECIMAL:
      return (value) => Number(wide(value)) / 10 ** type.scale;
    case DATE:
      return (value) => date(Number(value));
    case TIMESTAMP:
      return (value) => timestamp(Number(value));
    case TIME:
      return (value) => time(value, type.unit);
    case BINARY:
      return (value) => new TextDecoder().decode(value);
    case INTERVAL:
      return () => "(interval)";
    default:
      return (value) => (typeof value === "string" ? value : nested(value));
  }
}

/** The values of one column of a batch, with null for what is missing. */
export function column(batch, index) {
  const vector = batch.getChildAt(index);
  const convert = converter(batch.schema.fields[index].type);
  const values = new Array(batch.numRows);
  for (let row = 0; row < batch.numRows; row += 1) {
    const value = vector?.get(row) ?? null;
    values[row] = value === null ? null : convert(value);
  }
  return values;
}

/** Column names as DuckDB gives them to Python: a repeated one gets a number. */
export function columnNames(schema) {
  const seen = new Map();
  return schema.fields.map(({ name }) => {
    const before = seen.get(name.toLowerCase()) ?? 0;
    seen.set(name.toLowerCase(), before + 1);
    return before ? `${name}_${before}` : name;
  });
}

const small = (value) => (Number.isSafeInteger(Number(value)) ? Number(value) : value);

/** A decimal comes as 128 bits, the lowest 32 first. */
function wide(words) {
  let total = 0n;
  for (let i = words.length - 1; i >= 0; i -= 1) total = (total << 32n) | BigInt(words[i] >>> 0);
  return BigInt.asIntN(words.length * 32, total);
}

function date(milliseconds) {
  const when = new Date(milliseconds);
  const year = String(when.getUTCFullYear()).padStart(4, "0");
  return `${year}-${two(when.getUTCMonth() + 1)}-${two(when.getUTCDate())}`;
}

/** Midnight is a date, as in Python's checks. */
function timestamp(milliseconds) {
  const day = Math.floor(milliseconds / DAY);
  const rest = Math.round((milliseconds - day * DAY) * 1000);
  return rest ? `${date(day * DAY)}T${clock(rest)}` : date(day * DAY);
}

const time = (value, unit) => clock(Number(value) * [1e6, 1e3, 1, 1e-3][unit]);

function clock(microseconds) {
  const seconds = Math.floor(microseconds / 1e6);
  const part = Math.round(microseconds - seconds * 1e6);
  const whole = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return part ? `${whole}.${String(part).padStart(6, "0")}` : whole;
}

const two = (number) => String(number).padStart(2, "0");

const nested = (value) =>
  JSON.stringify(value, (_, each) => (typeof each === "bigint" ? Number(each) : each)) ?? String(value);
