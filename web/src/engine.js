// DuckDB in a worker, with the lesson extract under its real names. One for a page, made when it is first needed.

import { AsyncDuckDB, VoidLogger } from "@duckdb/duckdb-wasm";
import { column, columnNames } from "./values.js";
import { statements, words } from "./sql.js";
import { bound, otherNames, place } from "./names.js";
import { Unavailable, cache, forgetOlder, unpacked } from "./fetching.js";

/** A query was stopped by the reader. It is told by its name, because pages load this file late. */
export class Interrupted extends Error {
  name = "Interrupted";
}

const DAMAGED =
  "DuckDB, which runs SQL in this page, arrived damaged. Press the button again, or reload the page. What you wrote is kept.";
const MISSING = "DuckDB, which runs SQL in this page, could not be fetched: is there a connection? What you wrote is kept.";
const GRACE = 1200; // milliseconds that a query has to stop by itself before its worker is ended

export class Engine {
  #base;
  #site;
  #worker = null;
  #opening = null;
  #stop = null;
  #attached = new Set();
  #columns = new Map();
  #said = new Set();
  #told = new Set();
  #arriving = new Map();
  #attaching = Promise.resolve();

  /** Counts restarts. Tables that cells made are gone after one. */
  generation = 0;

  constructor(base, site) {
    this.#base = base;
    this.#site = site;
  }

  get busy() {
    return this.#stop !== null;
  }

  /**
   * Run a script. What a statement returns goes to ``receive(names, types, batches, statement)``, batch by batch, so
   * that a large result is never in memory as a whole. Raises DuckDB's own error, Interrupted or Unavailable.
   */
  async run(script, receive = drain, say = () => {}) {
    if (this.busy) throw new Unavailable("Another cell of this page is running. Wait for it, or stop it.");
    let stop;
    const stopped = new Promise((_, reject) => {
      stop = () => reject(new Interrupted());
    });
    stopped.catch(() => {});
    const state = { stopping: false };
    this.#stop = { stop, state };
    const work = this.#statements(script, receive, say, state);
    work.catch(() => {});
    try {
      return await Promise.race([work, stopped]);
    } finally {
      this.#stop = null;
    }
  }

  /** Stop the running script: kindly at first, then by ending the worker. */
  async stop() {
    const running = this.#stop;
    if (!running || running.state.stopping) return;
    running.state.stopping = true;
    const connection = this.connection;
    const cancelled = connection?.cancelSent().catch(() => false);
    // A worker that is deep in a query hears nothing. Then the thread itself is ended.
    await Promise.race([Promise.all([cancelled, running.state.done]), pause(GRACE)]);
    if (this.#stop === running) {
      this.#end();
      running.stop();
    }
  }

  /** DuckDB's version. */
  async version() {
    return (await this.#open(() => {})).getVersion();
  }

  /** Bring the tables that a script names. They are fetched beside the program, if that is not there yet. */
  async prepare(script, say = () => {}) {
    const named = words(script);
    const wanted = new Set();
    for (const name of named) {
      const store = this.#site.extract.views[name]?.store;
      if (store) wanted.add(store);
    }
    if (named.has("measures")) {
      for (const [name, store] of Object.entries(this.#site.extract.measures)) if (named.has(name)) wanted.add(store);
    }
    const files = this.#fetch([...wanted]);
    await this.#open(say);
    await this.#attach(files, say);
  }

  /** Columns that a script names, that a view has, and that the page's copy of the extract does not hold. */
  async notHeld(script) {
    const named = words(script);
    const found = new Set();
    for (const [name, { held }] of Object.entries(this.#site.extract.views)) {
      if (!held || !named.has(name)) continue;
      const { names = {} } = this.#site.extract.views[name];
      const also = new Set(Object.entries(names).flatMap(([form, delivered]) => (named.has(form) ? [delivered] : [])));
      for (const each of await this.#columnsOf(name)) {
        if ((named.has(each) || also.has(each)) && !held.includes(each)) found.add(each);
      }
    }
    return [...found].sort();
  }

  /** What has to be said, once, of columns that were written under the request form's name. */
  renamings() {
    const said = [...this.#said].filter((each) => !this.#told.has(each));
    said.forEach((each) => this.#told.add(each));
    this.#said.clear();
    return said;
  }

  /** Where a statement has the reference that DuckDB does not find, where it says so. */
  async #locate(statement) {
    await this.connection.query("SET errors_as_json = true");
    try {
      await this.connection.query(`EXPLAIN ${statement}`);
      return null;
    } catch (error) {
      return place(error.message, statement);
    } finally {
      await this.connection.query("RESET errors_as_json");
    }
  }

  async #columnsOf(view) {
    if (!this.#columns.has(view)) {
      const query = `SELECT lower(column_name) FROM duckdb_columns() WHERE lower(table_name) = '${view}'`;
      this.#columns.set(view, await this.#rows(query));
    }
    return this.#columns.get(view);
  }

  async #statements(script, receive, say, state) {
    let finish;
    state.done = new Promise((resolve) => {
      finish = resolve;
    });
    try {
      await this.prepare(script, say);
      const names = otherNames(script, this.#site.extract.views);
      for (const statement of statements(script)) {
        await bound(
          statement,
          names,
          (sql) => this.#statement(sql, receive, state, say, true),
          (sql) => this.#locate(sql),
          (form, name) => this.#said.add(`${form} is the request form's name: the view has ${name}.`),
        );
        if (state.stopping) throw new Interrupted();
      }
    } catch (error) {
      throw state.stopping ? new Interrupted() : worded(error);
    } finally {
      finish();
    }
  }

  async #statement(statement, receive, state, say, again) {
    let reader;
    try {
      say("Running");
      reader = await this.connection.send(statement, true);
      await reader.open?.();
    } catch (error) {
      // A name that was not seen in the text, in a macro for instance: then bring everything.
      if (!again || !/Catalog "store_\w+" does not exist/.test(worded(error).message)) throw error;
      await this.#attach(this.#fetch(Object.keys(this.#site.extract.packs)), say);
      return this.#statement(statement, receive, state, say, false);
    }
    const { schema } = reader;
    const batches = (async function* each() {
      for await (const batch of reader) {
        if (state.stopping) throw new Interrupted();
        yield { rows: batch.numRows, column: (index) => column(batch, index) };
      }
    })();
    return receive(columnNames(schema), schema.fields.map((field) => field.type), batches, statement);
  }

  /** The values of the first column of a query. */
  async #rows(query) {
    const table = await this.aside.query(query);
    return Array.from({ length: table.numRows }, (_, row) => table.getChildAt(0).get(row));
  }

  #open(say) {
    this.#opening ??= this.#start(say).catch((error) => {
      this.#end();
      throw error;
    });
    return this.#opening;
  }

  async #start(say) {
    if (typeof WebAssembly !== "object" || typeof DecompressionStream !== "function") {
      throw new Unavailable("This browser is too old to run SQL in the page. Use a newer one, or the notebooks.");
    }
    const { wasm } = this.#site;
    say(`Fetching DuckDB (${megabytes(wasm.bytes)}, once)`);
    const catalogue = this.#fetch(["catalogue"]);
    const database = await this.#instance("").catch((error) => {
      if (error.message !== DAMAGED) throw error;
      return this.#instance("#again");
    });
    await database.open({ query: { castBigIntToDouble: false } });
    this.database = database;
    this.connection = await database.connect();
    this.aside = await database.connect(); // for what a page needs besides, while a reader's query may be running
    // No extension is fetched from elsewhere: a page asks no other site for anything.
    await this.aside.query("SET GLOBAL autoinstall_known_extensions = false");
    await this.aside.query("SET GLOBAL autoload_known_extensions = false");
    await this.#attach(catalogue, say);
    return database;
  }

  /** A worker with DuckDB in it. Its own code reports what it cannot fetch (worker_prelude.js). */
  async #instance(mark) {
    const { wasm, worker: script } = this.#site;
    this.#worker?.terminate();
    const worker = new Worker(new URL(script, this.#base));
    this.#worker = worker;
    const failed = new Promise((_, reject) => {
      worker.addEventListener("error", (event) => {
        event.preventDefault();
        const fetched = event.message && !event.message.includes("not fetched");
        reject(new Unavailable(fetched ? DAMAGED : MISSING));
      });
    });
    failed.catch(() => {});
    const address = new URL(wasm.file, this.#base).href;
    const database = new AsyncDuckDB(new VoidLogger(), worker);
    await Promise.race([database.instantiate(address + mark), failed]);
    cache().then((store) => store && forgetOlder(store, address)).catch(() => {});
    return database;
  }

  /** Begin to fetch packs: their names, and the promise of each. */
  #fetch(names) {
    const wanted = names.filter((name) => !this.#attached.has(name));
    for (const name of wanted) {
      if (this.#arriving.has(name)) continue;
      const file = unpacked(this.#base, this.#site.extract.packs[name]);
      this.#arriving.set(name, file);
      file.catch(() => this.#arriving.delete(name));
    }
    return new Map(wanted.map((name) => [name, this.#arriving.get(name)]));
  }

  /** Attach the databases of packs under the names of their files, one after the other. */
  #attach(files, say) {
    const attaching = this.#attaching.catch(() => {}).then(() => this.#attachEach(files, say));
    this.#attaching = attaching;
    return attaching;
  }

  async #attachEach(files, say) {
    const { packs } = this.#site.extract;
    const missing = [...files].filter(([name]) => !this.#attached.has(name));
    const size = missing.reduce((total, [name]) => total + packs[name].bytes, 0);
    if (size) say(`Fetching the tables that it reads (${megabytes(size)})`);
    for (const [name, file] of missing) {
      const raw = await file;
      for (const part of packs[name].parts) {
        await this.database.registerFileBuffer(part.name, raw.slice(part.start, part.end));
        await this.aside.query(`ATTACH '${part.name}' AS ${part.name.replace(/\.duckdb$/, "")} (READ_ONLY)`);
      }
      for (const statement of packs[name].setup ?? []) await this.aside.query(statement);
      this.#attached.add(name);
      this.#arriving.delete(name);
    }
  }

  #end() {
    this.#worker?.terminate();
    this.#worker = this.#opening = this.connection = this.aside = this.database = null;
    this.#attached.clear();
    this.#attaching = Promise.resolve();
    this.generation += 1;
  }
}

/** DuckDB gives some errors as JSON: then its words are taken out, as every other DuckDB shows them. */
function worded(error) {
  const json = /^\{.*"exception_message".*\}$/s.exec(error.message?.trim() ?? "");
  if (!json) return error;
  try {
    const { exception_type: type, exception_message: text } = JSON.parse(json[0]);
    return new Error(`${type} Error: ${text}`);
  } catch {
    return error;
  }
}

const pause = (milliseconds) => new Promise((resolve) => {
  setTimeout(resolve, milliseconds);
});

const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

/** Read everything and keep nothing. */
async function drain(names, types, batches) {
  for await (const batch of batches) void batch;
}
