// DuckDB's program without the names that only extensions would look up. The pages load none, and with 75,000 names less
// it is a tenth smaller on its way and starts a second sooner.

const EXPORTS = 7; // the number of the export section, https://webassembly.github.io/spec/core/binary/modules.html

/** A WebAssembly module that exports what its own script mentions or what it imports from itself, and nothing else. */
export async function withoutUnusedExports(wasm, script) {
  const mentioned = new Set(script.match(/[A-Za-z_$][\w$]*/g));
  const imports = WebAssembly.Module.imports(await WebAssembly.compile(wasm));
  for (const { name } of imports) mentioned.add(name);
  const used = (name) => mentioned.has(name) || mentioned.has(`_${name}`);

  const parts = [wasm.subarray(0, 8)];
  for (let at = 8; at < wasm.length;) {
    const size = number(wasm, at + 1);
    const end = size.end + size.value;
    if (wasm[at] === EXPORTS) parts.push(...section(EXPORTS, exportsOf(wasm, size.end).filter(({ name }) => used(name))));
    else parts.push(wasm.subarray(at, end));
    at = end;
  }
  return Buffer.concat(parts);
}

function exportsOf(wasm, start) {
  const count = number(wasm, start);
  const found = [];
  for (let at = count.end; found.length < count.value;) {
    const length = number(wasm, at);
    const named = length.end + length.value;
    const { end } = number(wasm, named + 1); // after the kind, a byte
    found.push({ name: wasm.toString("utf8", length.end, named), bytes: wasm.subarray(at, end) });
    at = end;
  }
  return found;
}

function section(id, entries) {
  const content = Buffer.concat([encoded(entries.length), ...entries.map(({ bytes }) => bytes)]);
  return [Buffer.from([id]), encoded(content.length), content];
}

/** An unsigned LEB128 number, and where it ends. */
function number(bytes, start) {
  let value = 0;
  for (let at = start, unit = 1; ; at += 1, unit *= 128) {
    value += (bytes[at] & 127) * unit;
    if (bytes[at] < 128) return { value, end: at + 1 };
  }
}

function encoded(value) {
  const bytes = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) + 128);
  }
}
