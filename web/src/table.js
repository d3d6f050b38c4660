// A result as a table to look at: the first rows, and how many there are.

export const SHOWN = 200;
const COUNTED = 5_000_000; // beyond this a result is not counted to its end
const DECIMAL = 7;

/** Take a result in: the values of the first rows, and the number of all. */
export async function collect(names, types, batches) {
  const columns = names.map(() => []);
  let rows = 0;
  let more = false;
  for await (const batch of batches) {
    const room = SHOWN - rows;
    if (room > 0) columns.forEach((values, index) => values.push(...batch.column(index).slice(0, room)));
    rows += batch.rows;
    if (rows >= COUNTED) {
      more = true;
      break;
    }
  }
  return { names, types, columns, rows, more };
}

/** How many rows a result has, in words. */
export function size({ rows, more }) {
  const number = `${rows.toLocaleString("en-GB")} ${rows === 1 ? "row" : "rows"}`;
  if (more) return `More than ${number}; the first ${SHOWN} are shown.`;
  return rows > SHOWN ? `${number}; the first ${SHOWN} are shown.` : `${number}.`;
}

/** The table as HTML, in a box that scrolls by itself and that the keyboard reaches. */
export function tableElement(result) {
  const box = document.createElement("div");
  box.className = "leo-live-table";
  box.tabIndex = 0;
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", "Result");
  const table = document.createElement("table");
  const head = table.createTHead().insertRow();
  for (const name of result.names) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = name;
    head.append(cell);
  }
  const body = table.createTBody();
  const shown = Math.min(result.rows, SHOWN);
  for (let row = 0; row < shown; row += 1) {
    const line = body.insertRow();
    result.columns.forEach((values, index) => {
      const cell = line.insertCell();
      const value = values[row];
      if (value === null) cell.className = "leo-null";
      cell.textContent = display(value, result.types[index]);
      if (typeof value === "number" || typeof value === "bigint") cell.classList.add("leo-number");
    });
  }
  box.append(table);
  return box;
}

function display(value, type) {
  if (value === null) return "NULL";
  if (typeof value !== "number") return String(value);
  if (type.typeId === DECIMAL) return value.toFixed(type.scale);
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(10)));
}

