// What a learner wrote, kept in this browser. The page "My progress" reads it too, also in a book without this
// program, so it is a script of the book; it is bundled here because every editor needs it.

import "../../book/_static/progress-file.js";
import "../../book/_static/drafts.js";

export const drafts = globalThis.leoDrafts;
