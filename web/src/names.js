// The request form's names of columns, where a view has the delivered ones: the same rule as leocourse/core/names.py,
// and tests/core/other_names.json holds the two together. A query is bound again with the delivered name, reference by
// reference, wherever DuckDB says that there is no such column.

// Text, dollar-quoted text and comments are passed over whole: a name in them is none.
const TOKEN = /'(?:[^']|'')*'?|\$(\w*)\$[\s\S]*?(?:\$\1\$|$)|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|(?<space>\s+)|(?<name>"(?:[^"]|"")*"|[^\W\d]\w*)|\d\w*|[\s\S]/g;
const CLAUSES = new Set(
  "from where group having order limit qualify window union except intersect returning".split(" "),
);
const MOST = 500;

/** The form's names that a text may mean, with the delivered ones: those of the views that it mentions. */
export function otherNames(text, views) {
  const words = new Set(text.toLowerCase().match(/\w+/g) ?? []);
  const found = new Map();
  for (const view of words) {
    for (const [form, name] of Object.entries(views[view]?.names ?? {})) if (words.has(form)) found.set(form, name);
  }
  return found;
}

/** The form's name that DuckDB says does not exist. What it proposes instead is on later lines. */
export function missing(message, names) {
  if (!/Binder/.test(message)) return null;
  const first = message.split("Candidate bindings")[0].split("Did you mean")[0];
  for (const [, name] of first.matchAll(/\\?"(\w+)\\?"/g)) if (names.has(name.toLowerCase())) return name.toLowerCase();
  return null;
}

/**
 * Run a statement with ``run``, with the delivered name in place of each of the form's that DuckDB does not find.
 * ``locate`` gives the place in a statement of the reference that it does not find, or null; ``say`` is told of names.
 */
export async function bound(sql, names, run, locate, say) {
  for (let turn = 0; turn < MOST; turn += 1) {
    try {
      return await run(sql);
    } catch (error) {
      const wanted = names.size ? missing(error.message ?? "", names) : null;
      const other = wanted && renamed(sql, wanted, names.get(wanted), await locate(sql));
      if (!other || other === sql) throw error;
      sql = other;
      say(wanted, names.get(wanted));
    }
  }
  return run(sql);
}

/** Where a reference stands, from the error of ``EXPLAIN`` and the statement with errors as JSON, or null. */
export function place(message, sql) {
  const json = /\{[\s\S]*\}/.exec(message ?? "");
  try {
    const asked = "EXPLAIN ";
    const position = Number.parseInt(JSON.parse(json[0]).position, 10);
    if (Number.isNaN(position)) return null;
    const bytes = new TextEncoder().encode(asked + sql).slice(0, position);
    return new TextDecoder().decode(bytes).length - asked.length;
  } catch {
    return null;
  }
}

/**
 * The statement with ``delivered`` in place of the reference to ``wanted`` at ``position``. A whole item of a SELECT
 * list keeps the name that was written. Without a position every reference is renamed that is not an alias.
 */
export function renamed(sql, wanted, delivered, position) {
  const tokens = tokensOf(sql);
  if (position !== null) {
    for (const [at, each] of tokens.entries()) {
      if (each.start < position || each.name !== wanted) continue;
      const alias = wholeItem(tokens, at) ? ` AS ${each.text}` : "";
      return sql.slice(0, each.start) + delivered + alias + sql.slice(each.start + each.text.length);
    }
  }
  let text = "";
  let done = 0;
  tokens.forEach((each, at) => {
    if (each.name !== wanted || tokens[at - 1]?.name === "as") return;
    text += sql.slice(done, each.start) + delivered;
    done = each.start + each.text.length;
  });
  return text + sql.slice(done);
}

/** What a statement is made of, without spaces and comments; and of each part whether it is in a SELECT list. */
function tokensOf(sql) {
  const tokens = [];
  const clauses = [false];
  for (const match of sql.matchAll(TOKEN)) {
    const [text] = match;
    const { space, name } = match.groups;
    if (space || text.startsWith("--") || text.startsWith("/*")) continue;
    const word = name && !name.startsWith('"') ? name.toLowerCase() : "";
    if (text === "(") clauses.push(false);
    else if (text === ")" && clauses.length > 1) clauses.pop();
    else if (word === "select") clauses[clauses.length - 1] = true;
    else if (CLAUSES.has(word)) clauses[clauses.length - 1] = false;
    const plain = name ? name.replace(/^"|"$/g, "").replaceAll('""', '"').toLowerCase() : null;
    tokens.push({ start: match.index, text, name: plain, listed: clauses.at(-1) });
  }
  return tokens;
}

function wholeItem(tokens, at) {
  if (!tokens[at].listed) return false;
  let first = at;
  while (first >= 2 && tokens[first - 1].text === ".") first -= 2;
  const before = tokens[first - 1];
  const after = tokens[at + 1];
  const begins = before && (before.text === "," || ["select", "distinct", "all"].includes(before.name));
  const ends = !after || [",", ")", ";"].includes(after.text) || CLAUSES.has(after.name);
  return Boolean(begins && ends);
}
