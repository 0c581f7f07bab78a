// Scans and walk-ins on their way. Each is on the disk before it is sent, and leaves only by an answer of its own; what the
// server cannot take is parked and shown, never dropped.

import { ask, Broken, enrolled, line, Lost, Refused, setLost } from "./device.js";
import { alone, channel } from "./sending.js";
import * as store from "./store.js";

const AT_ONCE = { scan: 100, walk_in: 20 };
const PATHS = { scan: ["scans", "scans"], walk_in: ["walk-ins", "walk_ins"] };
const AGAIN_AFTER = 3000;
const FAILURES = 3; // so many in a row, each alone: then it is the server, not what is sent
const JUMP = 5000; // milliseconds; a clock that was set by more than that meanwhile is told apart from one that runs on

export function newScanId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // randomUUID() needs HTTPS
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export class Queue {
  /**
   * An entry: {seq, checkpoint, kind: "scan" | "walk_in", body, offset, state: "waiting" | "parked", problem?: {kind, field?, detail?}};
   * `offset`: of the server's clock from this one when it was made. offset() answers that of now (undefined until it is known), contact() asks the server for it.
   * settled(entry, result) answers what the store keeps of an answer: {marks, unmarked}. onAnswer(entry, result, counts) for each, in
   * every tab; onChange() whenever what is in the queue may have changed; onRefused(problem) for a token that is not taken; onUnkept() when
   * something could not be written down.
   */
  constructor({ settled, onAnswer, onChange, onRefused, onUnkept, offset, contact }) {
    Object.assign(this, { settled, onAnswer, onChange, onRefused, onUnkept, offset, contact });
    this.entries = [];
    this.loaded = false;
    this.running = null;
    this.again = false;
    this.blamed = new Set(); // numbers of entries at which the server itself failed
    this.timer = 0;
    this.others = channel((word) => this.heard(word));
    addEventListener("online", () => this.send());
    addEventListener("pageshow", () => this.send());
    document.addEventListener("visibilitychange", () => document.hidden || this.send());
  }

  async load() {
    this.entries = await store.entries();
    this.loaded = true;
    line.unsent = this.entries.length;
    this.onChange();
  }

  get waiting() {
    return this.entries.filter((entry) => entry.state === "waiting");
  }

  get parked() {
    return this.entries.filter((entry) => entry.state === "parked");
  }

  /** Answers the entry with its number once it is written down. `mark`: whom the door let in by it already. */
  async add({ checkpoint, kind, body }, mark = null) {
    const entry = { checkpoint, kind, body, offset: this.offset(), state: "waiting" };
    entry.seq = await store.addEntry(entry, mark);
    this.entries.push(entry);
    this.changed();
    this.send();
    return entry;
  }

  /** The door was told this without the server: the server hears it with the scan. False if its answer has come meanwhile. */
  async decided(entry, decision, mark) {
    entry.body.offline_decision = decision;
    const kept = await store.changeEntry(entry.seq, (stored) => (stored.body.offline_decision = decision), mark);
    this.changed();
    return kept;
  }

  /** Forget a malformed entry whose form is open again: nobody was told anything else. */
  async discard(scanId) {
    await store.settle({ gone: this.entries.filter((entry) => entry.body.scan_id === scanId).map((entry) => entry.seq) });
    await this.load();
    this.others.tell({ kind: "changed" });
  }

  /** Put fields of a parked entry right; it waits to be sent then. Answers the entry. */
  async mend(scanId, fields) {
    const parked = this.entries.find((entry) => entry.body.scan_id === scanId);
    await store.changeEntry(parked.seq, (entry) => {
      const { occurred_at, offline_decision } = entry.body;
      entry.body = { ...fields, scan_id: scanId, occurred_at, ...(offline_decision && { offline_decision }) };
      unpark(entry);
    });
    await this.load();
    this.others.tell({ kind: "changed" });
    this.send();
    return this.entries.find((entry) => entry.seq === parked.seq);
  }

  /** Send parked entries once more. */
  async retry() {
    await store.settle({ changes: this.parked.map((entry) => [entry.seq, unpark]) });
    await this.load();
    this.others.tell({ kind: "changed" });
    return this.send();
  }

  /** Send what waits; answers when nothing more can be sent for now. */
  send() {
    clearTimeout(this.timer);
    if (!enrolled()) return Promise.resolve(); // kept for the next enrolment
    this.again = true;
    this.running ??= this.run();
    return this.running;
  }

  async run() {
    try {
      while (this.again) {
        this.again = false;
        await this.attempt(() => alone((goesOn) => this.round(goesOn)));
        await this.attempt(() => this.load());
      }
    } finally {
      this.running = null; // in the same moment: who asks from now on begins anew
      if (this.waiting.length && enrolled()) this.timer = setTimeout(() => this.send(), AGAIN_AFTER);
    }
  }

  async attempt(work) {
    try {
      await work();
    } catch (error) {
      if (error instanceof Refused) this.onRefused(error);
      else if (error instanceof DOMException) this.onUnkept();
      else if (!(error instanceof Lost)) throw error;
    }
  }

  async round(goesOn) {
    const tried = new Set();
    this.failures = 0;
    if (line.lost && this.waiting.length) await this.contact(); // what time it is by now, too
    for (;;) {
      const waiting = (await store.entries()).filter((entry) => entry.state === "waiting" && !tried.has(entry.seq));
      const next = this.batch(waiting);
      if (!next.length || !(await goesOn())) return;
      for (const entry of next) tried.add(entry.seq);
      await this.sendSome(next);
    }
  }

  /** The first entries that may travel together: in order, of one checkpoint and kind and by one clock. Those to blame go last, alone. */
  batch(waiting) {
    const [first, ...more] = waiting.filter((entry) => !this.blamed.has(entry.seq));
    if (!first) return waiting.filter((entry) => entry.seq === [...this.blamed].find((seq) => waiting.some((one) => one.seq === seq)));
    const fits = (entry) => entry.checkpoint === first.checkpoint && entry.kind === first.kind && this.jump(entry) === this.jump(first);
    const end = more.findIndex((entry) => !fits(entry));
    return [first, ...(end < 0 ? more : more.slice(0, end))].slice(0, AT_ONCE[first.kind]);
  }

  /** How far this clock was set since the entry was made, in milliseconds, negative if it was set on; 0 where it ran on, or nobody knows. */
  jump({ offset }) {
    const moved = this.offset() - offset || 0; // NaN for what is not known
    return Math.abs(moved) < JUMP ? 0 : Math.round(moved / 1000) * 1000;
  }

  /** Send a batch; one that the server cannot read is halved until the entry is found that is to blame. */
  async sendSome(some) {
    try {
      await this.answered(some, await this.post(some));
      this.failures = 0;
    } catch (error) {
      if (error instanceof Refused && error.status === 404) return this.park(some, { kind: "checkpoint", detail: error.message });
      const theirs = error instanceof Broken || (error instanceof Refused && error.status !== 401 && error.status !== 403);
      if (!theirs) throw error;
      if (some.length > 1) return this.halve(some);
      if (error instanceof Refused) return this.park(some, { kind: "refused", field: error.field, detail: error.message });
      this.blamed.delete(some[0].seq);
      this.blamed.add(some[0].seq); // behind the others
      this.failures += 1;
      if (this.failures >= FAILURES) throw error;
    }
  }

  /** What the server answers to entries of one checkpoint and kind: {results, counts}. Throws what ask throws. */
  post(some, patience) {
    const [{ checkpoint, kind }] = some;
    const [path, member] = PATHS[kind];
    const sentAt = new Date(Date.now() + this.jump(some[0])).toISOString(); // by the clock that the entries go by
    const body = { sent_at: sentAt, [member]: some.map((entry) => entry.body) };
    const carried = some.filter((entry) => entry.seq).length;
    return ask(`/checkpoints/${checkpoint}/${path}`, { method: "POST", body, carried, patience });
  }

  async halve(some) {
    const middle = Math.ceil(some.length / 2);
    await this.sendSome(some.slice(0, middle));
    await this.sendSome(some.slice(middle));
  }

  async answered(some, { results, counts }) {
    const left = { gone: [], undecided: [], changes: [], marks: [], unmarked: [] };
    const told = [];
    some.forEach((entry, index) => {
      const result = results[index];
      if (!result || (result.scan_id && result.scan_id !== entry.body.scan_id)) return; // no answer of its own: it stays
      const { marks = [], unmarked = [] } = this.settled(entry, result);
      left.marks.push(...marks);
      left.unmarked.push(...unmarked);
      if (result.reason === "malformed") left.changes.push([entry.seq, park(whatIsWrong(result))]);
      else if (result.decision === "admitted" || entry.body.offline_decision) left.gone.push(entry.seq);
      else left.undecided.push(entry.seq);
      told.push({ entry, result });
    });
    let again = [];
    await this.attempt(async () => {
      again = await store.settle(left); // too late: the door let him in meanwhile, which the server is to hear too
      if (again.length) this.again = true;
      await this.load();
    }); // what cannot be written down is sent once more; the door hears the answer
    for (const one of told) if (!again.includes(one.entry.seq)) this.tell({ kind: "answer", ...one, counts });
  }

  async park(some, problem) {
    await store.settle({ changes: some.map((entry) => [entry.seq, park(problem)]) });
    await this.load();
    this.others.tell({ kind: "changed" });
  }

  changed() {
    line.unsent = this.entries.length;
    this.onChange();
    this.others.tell({ kind: "changed" });
  }

  tell(word) {
    this.others.tell(word);
    this.onAnswer(word.entry, word.result, word.counts);
  }

  async heard(word) {
    await this.load();
    if (word.kind !== "answer") return;
    setLost(false); // the other tab reached the server
    this.onAnswer(word.entry, word.result, word.counts);
  }
}

function whatIsWrong({ field, detail }) {
  return { kind: "malformed", field, ...(detail && { detail }) };
}

function park(problem) {
  return (entry) => Object.assign(entry, { state: "parked", problem });
}

function unpark(entry) {
  entry.state = "waiting";
  delete entry.problem;
}
