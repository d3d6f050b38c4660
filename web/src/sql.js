// SQL as text: where statements end, which words it holds, and whether a statement gives rows.

// Quoted text, dollar-quoted text and comments are passed over whole, so that a semicolon inside ends nothing.
const PIECE = /'(?:[^']|'')*'?|"(?:[^"]|"")*"?|\$(\w*)\$[\s\S]*?(?:\$\1\$|$)|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|;|[^'"$\-/;]+|[\s\S]/g;
const GIVES_ROWS = new Set(
  "select with from values table describe desc show summarize pivot unpivot explain pragma call".split(" "),
);

const isComment = (piece) => piece.startsWith("--") || piece.startsWith("/*");

/** The statements of a script, without empty ones. */
export function statements(text) {
  const found = [];
  let statement = "";
  let bare = "";
  const close = () => {
    if (bare.trim()) found.push(statement.trim());
    statement = bare = "";
  };
  for (const [piece] of text.matchAll(PIECE)) {
    if (piece === ";") {
      close();
      continue;
    }
    statement += piece;
    if (!isComment(piece)) bare += piece;
  }
  close();
  return found;
}

/** SQL without its comments, or without what else is to be left out. */
export const withoutComments = (text, alsoOut = () => false) =>
  [...text.matchAll(PIECE)].map(([piece]) => (isComment(piece) || alsoOut(piece) ? " " : piece)).join("");

/** The names that a script may mention, in lower case. What stands between single quotes is no name. */
export const words = (text) =>
  new Set(withoutComments(text, (piece) => piece.startsWith("'")).toLowerCase().match(/[a-z_]\w*/g) ?? []);

/** Whether a statement gives a table to show. */
export const givesRows = (statement) => {
  const first = withoutComments(statement).replace(/^[\s(]+/, "").match(/^\w+/);
  return first !== null && GIVES_ROWS.has(first[0].toLowerCase());
};
