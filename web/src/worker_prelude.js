// Comes before DuckDB's own code in its worker. DuckDB's program is kept compressed, because not every host compresses
// what it serves. Here it is unpacked while it arrives, and compiled while it is unpacked.

const CACHE = "leo-course";
const plainFetch = self.fetch.bind(self);

self.fetch = (request, options) => {
  const address = new URL(request.url ?? request, self.location.href);
  return address.pathname.endsWith(".bin") ? program(address) : plainFetch(request, options);
};

async function program(address) {
  const again = address.hash === "#again"; // the last copy was damaged
  address.hash = "";
  const store = await caches.open(CACHE).catch(() => null);
  if (again) await store?.delete(address.href);
  let answer = again ? null : await store?.match(address.href);
  if (!answer) {
    answer = await plainFetch(address.href, { cache: again ? "reload" : "default" }).catch(() => report("not fetched"));
    if (!answer.ok) report(`not fetched (${answer.status})`);
    // A full disk is no reason to stop.
    store?.put(address.href, answer.clone()).catch(() => {});
  }
  const reader = answer.body.getReader();
  const first = await reader.read().catch(() => report("not fetched"));
  const [one, two] = first.value ?? [];
  const packed = one === 0x1f && two === 0x8b;
  if (!packed && one !== 0) report("damaged");
  const whole = passed(reader, first);
  const bytes = packed ? whole.pipeThrough(new DecompressionStream("gzip")) : whole;
  const checked = passed(bytes.getReader(), null);
  return new Response(checked, { headers: { "Content-Type": "application/wasm" } });
}

/** A reader as a stream, with a part that was read before. What breaks it is reported. */
function passed(reader, first) {
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = first ?? (await reader.read().catch(() => report("damaged")));
      first = null;
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
}

/** DuckDB's code would wait for ever. An error that nobody catches reaches the page. */
function report(what) {
  const error = new Error(`leo: ${what}`);
  setTimeout(() => {
    throw error;
  });
  throw error;
}
