// One engine for a page, made when the first query runs. The bulk of the program is fetched only then.

import { manifest, Unavailable } from "./fetching.js";

const BASE = new URL("./", import.meta.url); // this file lies beside the manifest, wherever the book is served
let site = null;
let engine = null;

/** What the site offers. */
export async function offered() {
  site ??= manifest(BASE).catch((error) => {
    site = null;
    throw error;
  });
  return site;
}

/** The engine of this page. */
export async function pageEngine() {
  const [{ Engine }, found] = await Promise.all([bulk(), offered()]);
  engine ??= new Engine(BASE, found);
  return engine;
}

/** Stop what runs on this page. */
export const stopPage = () => engine?.stop();

export const base = BASE;

async function bulk() {
  try {
    return await import("./engine.js");
  } catch (error) {
    throw new Unavailable("The program for this page could not be fetched: is there a connection? What you wrote is kept.", {
      cause: error,
    });
  }
}
