// Downloads, told by content: a file's name holds a hash of what is in it, so a stored copy is never an old one.

const CACHE = "leo-course";

/** Something could not be fetched, or arrived damaged. The message is for the reader. */
export class Unavailable extends Error {}

/** What the site offers. Asked for anew each time, because it says which files belong together. */
export async function manifest(base) {
  const answer = await fetched(new URL("manifest.json", base), { cache: "no-cache" });
  return answer.json();
}

/** The content of a compressed file, checked against its hash. A damaged stored copy is fetched again, once. */
export async function unpacked(base, entry) {
  const address = new URL(entry.file, base).href;
  const store = await cache();
  const kept = await store?.match(address);
  if (kept) {
    const raw = await whole(kept, entry);
    if (raw) return raw;
    await store.delete(address);
  }
  for (const mode of ["default", "reload"]) {
    const answer = await fetched(address, { cache: mode });
    const copy = store ? answer.clone() : null;
    const raw = await whole(answer, entry);
    if (!raw) continue;
    // A full disk is no reason to stop: the file is then fetched again next time.
    if (copy) await store.put(address, copy).then(() => forgetOlder(store, address), () => {});
    return raw;
  }
  const name = entry.file.split("/").at(-1);
  throw new Unavailable(
    `The data for this page arrived damaged (${name}). Press the button again, or reload the page. What you wrote is kept.`,
  );
}

async function fetched(address, options) {
  let answer;
  try {
    answer = await fetch(address, options);
  } catch {
    throw new Unavailable("The data for this page could not be fetched: is there a connection? What you wrote is kept.");
  }
  if (!answer.ok) {
    const name = new URL(address).pathname.split("/").at(-1);
    throw new Unavailable(`The data for this page could not be fetched (${name}: ${answer.status}). What you wrote is kept.`);
  }
  return answer;
}

/** The unpacked bytes of a response, or null if they are not the ones that belong there. */
async function whole(response, entry) {
  try {
    let bytes = new Uint8Array(await response.arrayBuffer());
    // Some hosts unpack on the way; then there is nothing left to do.
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
      const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
      bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    }
    if (bytes.length !== entry.raw) return null;
    // Without https there is no hashing: the length has to do, and gzip's own check.
    if (!globalThis.crypto?.subtle) return bytes;
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    const found = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return found === entry.sha256 ? bytes : null;
  } catch {
    return null;
  }
}

/** The browser's store, or null where there is none (a page without https, a private window). */
export async function cache() {
  try {
    return await caches.open(CACHE);
  } catch {
    return null;
  }
}

/** Older versions of a file take room and are never asked for again. */
export async function forgetOlder(store, address) {
  const stem = address.replace(/-[0-9a-f]{12}\.bin$/, "-");
  for (const request of await store.keys()) {
    if (request.url !== address && request.url.replace(/-[0-9a-f]{12}\.bin$/, "-") === stem) await store.delete(request);
  }
}
