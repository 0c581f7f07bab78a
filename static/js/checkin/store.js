// What this browser keeps in IndexedDB: the queue, rosters, whom it let in itself, and facts of the stage. A write that was
// answered is on the disk ("strict"): what a door was told survives a phone that dies the next moment.

import { openDB } from "../../vendor/idb.js";

const NAME = "bimtek-scanner";
const OF_PEOPLE = ["rosters", "marks"];
const OF_THE_STAGE = [...OF_PEOPLE, "facts"];
let opened = null;

function database() {
  opened ??= openDB(NAME, 1, {
    upgrade(db) {
      db.createObjectStore("queue", { keyPath: "seq", autoIncrement: true });
      db.createObjectStore("rosters", { keyPath: "checkpoint" });
      db.createObjectStore("marks", { keyPath: "scan_id" }).createIndex("checkpoint", "checkpoint");
      db.createObjectStore("facts");
      db.createObjectStore("lease");
    },
    blocking: (_now, _next, event) => event.target.close(),
    terminated: () => (opened = null),
  });
  opened.catch(() => (opened = null));
  return opened;
}

/** onFull() hears that something could not be written down. */
export const disk = { onFull: () => {} };

/** Do work() as far as this browser keeps anything; where it does not, what is known in memory is no worse. */
export async function ifPossible(work) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    disk.onFull();
  }
}

/** Do work(database); once more where the browser has lost the database meanwhile, as an iPhone does in the background. */
async function using(work) {
  try {
    return await work(await database());
  } catch (error) {
    if (!["InvalidStateError", "UnknownError"].includes(error.name)) throw error;
    opened = null;
    return work(await database());
  }
}

/** Run work(transaction) on the stores and answer what it answers, once everything of it is written. */
function write(stores, work) {
  return using(async (db) => {
    const transaction = db.transaction(stores, "readwrite", { durability: "strict" });
    const [answer] = await Promise.all([work(transaction), transaction.done]);
    return answer;
  });
}

/** Answers the entry's number; they rise in the order of writing. */
export function addEntry(entry, mark = null) {
  return write(["queue", "marks"], (transaction) => {
    const added = transaction.objectStore("queue").add(entry);
    if (mark) transaction.objectStore("marks").put(mark);
    return added;
  });
}

export function addEntries(some) {
  return write(["queue"], (transaction) => Promise.all(some.map((entry) => transaction.store.add(entry))));
}

export function entries() {
  return using((db) => db.getAll("queue"));
}

/** Change an entry in place by change(entry), unless it has left meanwhile: then answers false. */
export function changeEntry(seq, change, mark = null) {
  return write(["queue", "marks"], async (transaction) => {
    const found = await alter(transaction, seq, change);
    if (found && mark) transaction.objectStore("marks").put(mark);
    return found;
  });
}

/**
 * What a batch of answers leaves behind: numbers of entries that go, `undecided` of those that go unless the phone has decided meanwhile,
 * changes of some that stay, marks put and dropped (by scan). Answers the numbers of the undecided ones that stay.
 */
export function settle({ gone = [], undecided = [], changes = [], marks = [], unmarked = [] }) {
  return write(["queue", "marks"], async (transaction) => {
    const queue = transaction.objectStore("queue");
    const staying = [];
    for (const seq of undecided) {
      if ((await queue.get(seq))?.body.offline_decision) staying.push(seq);
      else gone.push(seq);
    }
    for (const seq of gone) queue.delete(seq);
    for (const scanId of unmarked) transaction.objectStore("marks").delete(scanId);
    for (const mark of marks) transaction.objectStore("marks").put(mark);
    for (const [seq, change] of changes) await alter(transaction, seq, change);
    return staying;
  });
}

async function alter(transaction, seq, change) {
  const queue = transaction.objectStore("queue");
  const entry = await queue.get(seq);
  if (!entry) return false;
  change(entry);
  await queue.put(entry);
  return true;
}

/** Whom this device let in at a checkpoint: {scan_id, checkpoint, hash, at, by}. */
export function marks(checkpoint) {
  return using((db) => db.getAllFromIndex("marks", "checkpoint", checkpoint));
}

export function roster(checkpoint) {
  return using((db) => db.get("rosters", checkpoint));
}

export function keepRoster(roster) {
  return write(["rosters"], (transaction) => transaction.store.put(roster));
}

export function fact(name) {
  return using((db) => db.get("facts", name));
}

export function keepFact(name, value) {
  return write(["facts"], (transaction) => transaction.store.put(value, name));
}

/** Forget the stage's people alone: what is left can still be sent. */
export function wipePeople() {
  return write(OF_PEOPLE, (transaction) => {
    for (const name of OF_PEOPLE) transaction.objectStore(name).clear();
  });
}

/** Forget the stage and its people; what is in the queue stays. */
export function wipe() {
  return write(OF_THE_STAGE, (transaction) => {
    for (const name of OF_THE_STAGE) transaction.objectStore(name).clear();
  });
}

/** One holder at a time, for browsers without Web Locks. Answers whether `owner` has the lease until `until` (milliseconds). */
export function lease(owner, until) {
  return write(["lease"], async (transaction) => {
    const held = await transaction.store.get("sender");
    if (held && held.owner !== owner && held.until > Date.now()) return false;
    transaction.store.put({ owner, until }, "sender");
    return true;
  });
}
