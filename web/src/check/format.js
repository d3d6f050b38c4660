// Numbers as Python writes them. Hashes are made of this text, so every digit counts.

/** Whether a value is a number (a whole number beyond 2^53 is a BigInt). */
export const isNumber = (value) => typeof value === "number" || typeof value === "bigint";

/** Whether Python would hold the number as an int: whole numbers become one. */
export const isWhole = (value) => typeof value === "bigint" || Number.isInteger(value);

/** str(value) in Python. */
export function text(value) {
  if (value === null) return "None";
  if (!isNumber(value)) return String(value);
  return isWhole(value) ? whole(value) : float(value);
}

/** A whole number with all its digits. */
export const whole = (value) => BigInt(value).toString();

/** str of a float: the shortest digits that give the number back, in scientific form where Python uses it. */
export function float(value) {
  if (value === Infinity) return "inf";
  if (value === -Infinity) return "-inf";
  const [mantissa, exponent] = Math.abs(value).toExponential().split("e");
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const digits = mantissa.replace(".", "");
  const power = Number(exponent);
  if (power < -4 || power >= 16) {
    const tail = digits.length > 1 ? `.${digits.slice(1)}` : "";
    const size = String(Math.abs(power)).padStart(2, "0");
    return `${sign}${digits[0]}${tail}e${power < 0 ? "-" : "+"}${size}`;
  }
  if (power < 0) return `${sign}0.${"0".repeat(-power - 1)}${digits}`;
  const padded = digits.padEnd(power + 1, "0");
  return `${sign}${padded.slice(0, power + 1)}.${padded.slice(power + 1) || "0"}`;
}

/** float(f"{value:.9g}"): nine digits, a tie to the even digit. */
export function nineDigits(value) {
  if (!Number.isFinite(value) || value === 0) return value;
  const [mantissa, exponent] = Math.abs(value).toExponential(60).split("e");
  const digits = mantissa.replace(".", "");
  return Math.sign(value) * Number(`${rounded(digits, 9)}e${Number(exponent) - 8}`);
}

/** f"{value:,.2f}" without its last zeros: so many places, a tie to the even digit, thousands separated. */
export function fixed(value, places = 2) {
  if (!Number.isFinite(value)) return float(value);
  const [ahead, behind] = Math.abs(value).toFixed(60).split(".");
  const digits = rounded(ahead + behind, ahead.length + places).toString();
  const padded = digits.padStart(places + 1, "0");
  const sign = value < 0 ? "-" : "";
  return `${sign}${thousands(padded.slice(0, -places))}.${padded.slice(-places)}`.replace(/0+$/, "").replace(/\.$/, "");
}

/** float(f"{value:.12g}"), a whole number if it is one. */
export function twelveDigits(value) {
  return Number.isFinite(value) ? Number(value.toPrecision(12)) : value;
}

/** f"{number:,}" */
export const thousands = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ",");

/** The first digits of many as a whole number; what is cut off rounds it, a tie to the even digit. */
function rounded(digits, keep) {
  const kept = BigInt(digits.slice(0, keep));
  const rest = digits.slice(keep);
  const half = `5${"0".repeat(Math.max(rest.length - 1, 0))}`;
  const up = rest > half || (rest === half && kept % 2n === 1n);
  return up ? kept + 1n : kept;
}
