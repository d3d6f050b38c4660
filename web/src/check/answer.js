// An answer as plain values: numbers, text, ISO dates and null. Column names are in lower case.

import { statements, givesRows } from "../sql.js";
import { isNumber } from "./format.js";
import { LADDER, say } from "./words.js";

export const ROW_LIMIT = LADDER.row_limit;
const STUB = "...  # YOUR ANSWER HERE";

/** There is no answer yet. That is different from a wrong one. */
export class NotAttempted extends Error {}

/** The answer could not be run. The message is for the learner. */
export class Stopped extends Error {}

export class Answer {
  #families = null;

  /** @param {Map<string, Array>} columns the values by column, in the order of the columns */
  constructor(columns, labels = {}) {
    this.columns = columns;
    this.labels = labels;
  }

  get rows() {
    const first = this.columns.values().next();
    return first.done ? 0 : first.value.length;
  }

  /** What each column holds: number, date, text, missing (nothing but missing values) or mixed. */
  get families() {
    this.#families ??= new Map([...this.columns].map(([name, values]) => [name, familyOf(values)]));
    return this.#families;
  }
}

/** An answer from a table: names as they came, and the values of each. */
export function answerOf(names, columns) {
  const rows = columns[0]?.length ?? 0;
  if (rows > ROW_LIMIT) {
    const number = rows.toLocaleString("en-GB");
    throw new Stopped(say("too_many_rows", { rows: number }));
  }
  const lower = names.map((name) => name.toLowerCase());
  const repeated = lower.filter((name, place) => lower.indexOf(name) !== place).sort();
  if (repeated.length) {
    throw new Stopped(say("same_name", { name: repeated[0] }));
  }
  return new Answer(new Map(lower.map((name, place) => [name, columns[place].map(plain)])));
}

/** A value as number, text, ISO date or null. */
export function plain(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return null;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "number") return value === 0 ? 0 : value;
  if (isNumber(value)) return value;
  return trimmed(String(value)); // SQL Server compares text without trailing blanks
}

/** What Python takes for blanks. */
export const BLANKS = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;
const TRAILING = new RegExp(`${BLANKS.source}$`);

const trimmed = (text) => text.replace(TRAILING, "");

/** The statements of an answer in SQL. Raises NotAttempted if there is none, Stopped if it ends without rows. */
export function answerStatements(text) {
  const code = text.split(/\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/).map((line) => line.trim());
  const lines = code.filter((line) => line && !line.startsWith("--"));
  if (lines.every((line) => line === STUB)) throw new NotAttempted();
  const found = statements(text);
  if (!found.length) throw new NotAttempted();
  return { before: found.slice(0, -1), last: found.at(-1), gives: givesRows(found.at(-1)) };
}

export const NO_ROWS = say("no_rows");

/** DuckDB's error as a check words it. */
export function sqlStopped(message) {
  const lines = message.trim().split("\n").filter((line) => line.trim());
  return new Stopped(say("sql_stopped", { reason: lines.slice(0, 4).join(" ").slice(0, 400) }));
}

function familyOf(values) {
  let numbers = false;
  let texts = false;
  let dates = true;
  for (const value of values) {
    if (value === null) continue;
    if (isNumber(value)) numbers = true;
    else {
      texts = true;
      dates &&= isIsoDate(value);
    }
  }
  if (numbers && texts) return "mixed";
  if (numbers) return "number";
  return texts ? (dates ? "date" : "text") : "missing";
}

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const leap = (year) => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

/** What date.fromisoformat takes, among texts of ten characters: 2012-03-01, and a day of a week, 2012-W09-4. */
function isIsoDate(text) {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (match) {
    const [year, month, day] = match.slice(1).map(Number);
    if (year < 1 || month < 1 || month > 12 || day < 1) return false;
    return day <= MONTH_DAYS[month - 1] + (month === 2 && leap(year) ? 1 : 0);
  }
  const week = /^(\d{4})-W(\d\d)-([1-7])$/.exec(text);
  if (!week || Number(week[1]) < 1 || Number(week[2]) < 1) return false;
  return Number(week[2]) <= weeks(Number(week[1]));
}

/** A year has 53 weeks if its first day is a Thursday, or a Wednesday in a leap year. */
function weeks(year) {
  const first = new Date(Date.UTC(2000, 0, 1));
  first.setUTCFullYear(year);
  return first.getUTCDay() === 4 || (first.getUTCDay() === 3 && leap(year)) ? 53 : 52;
}
