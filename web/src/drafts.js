// What a learner wrote, kept in this browser, so that a reload or a fault loses nothing.

const PREFIX = "leo:draft:";

/** The key of an editor: the page, its place there, and the text that it began with. */
export function draftKey(place, original) {
  let sum = 0;
  for (let i = 0; i < original.length; i += 1) sum = (Math.imul(sum, 31) + original.charCodeAt(i)) | 0;
  return `${PREFIX}${place}:${(sum >>> 0).toString(36)}`;
}

export function readDraft(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Keep a text, or forget it if it is null. Says whether the browser did so: a full or closed store does not. */
export function keepDraft(key, text) {
  try {
    if (text === null) localStorage.removeItem(key);
    else localStorage.setItem(key, text);
    return true;
  } catch {
    return false;
  }
}
