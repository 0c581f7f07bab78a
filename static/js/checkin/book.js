// The attendance book: one verdict for each scan. It is written down first, then sent; where no answer comes within a moment the
// phone decides by its roster, by the same rule, and the server hears what it decided.

import { ask, enrolled, forget, line, Lost, Refused, setLost } from "./device.js";
import { isReadable } from "./hashes.js";
import { hashOf, judge } from "./judging.js";
import { Marks } from "./marks.js";
import { newScanId, Queue } from "./queue.js";
import { Roster } from "./roster.js";
import * as store from "./store.js";

const PATIENCE = 1500; // milliseconds until the phone decides alone
const ROSTER_EVERY = 30000;
const STAGE_EVERY = 300_000; // checkpoints are added, moved and removed while the page is open

/*
 * An answer: {scan_id, decision, reason, person: {name, institution, groups} | null, first: {at, by} | null, offline, detail?,
 * stage?, occurred_at, checkpoint, before?}. `offline`: the phone decided; `before`: what it had decided, in a later answer of the
 * server. The reason "revoked_device" with `offline` says that the phone may decide nothing any more, "not_kept" that it could not be
 * written down and did not reach the server either: nobody has recorded it.
 */
export class Book {
  constructor() {
    Object.assign(this, { stage: null, device: null, points: [], checkpoint: null, roster: null, barred: null });
    this.counts = new Map(); // by checkpoint, as the server said last
    this.marks = new Marks();
    this.keeps = true; // what is written down
    this.pending = new Map(); // scans whose door waits for a verdict: {entry, resolve}, by scan
    this.answered = 0;
    this.offset = 0; // of the server's clock from this one, in milliseconds
    this.compared = false; // as the server said; else as good as known
    this.listeners = { state: [], later: [], trouble: [], opened: [] };
    this.queue = new Queue({
      settled: (entry, result) => this.settled(entry, result),
      onAnswer: (entry, result, counts) => this.heard(entry, result, counts),
      onChange: () => this.changed(),
      onRefused: (problem) => this.refused(problem),
      onUnkept: () => this.unkept(),
      offset: () => (this.compared ? this.offset : undefined),
      contact: async () => this.compare((await ask("/checkpoints")).server_time),
    });
    store.disk.onFull = () => this.unkept();
    line.onChange = () => {
      if (line.lost) this.decideAll();
      this.changed();
    };
    setInterval(() => document.hidden || this.refresh(), ROSTER_EVERY);
    setInterval(() => document.hidden || this.renew(), STAGE_EVERY);
  }

  onState(listener) {
    this.listeners.state.push(listener);
  }

  /** listener(scan_id, answer) hears the server's answer to what the door was told something about before. */
  onLater(listener) {
    this.listeners.later.push(listener);
  }

  /** listener(problem) hears that the token is not taken: {status, code, message}. */
  onTrouble(listener) {
    this.listeners.trouble.push(listener);
  }

  /** listener() hears that stage and checkpoints are known, or known better. */
  onOpened(listener) {
    this.listeners.opened.push(listener);
  }

  /** Know the stage: at once from what was kept, else from the server. Throws Lost where neither has it, and Refused. */
  async open() {
    await this.queue.load();
    this.barred = (await store.fact("barred")) ?? null;
    const offset = await store.fact("offset");
    Object.assign(this, { offset: offset ?? 0, compared: offset !== undefined });
    const kept = await store.fact("stage");
    if (kept) this.know(kept);
    const asked = this.ask();
    if (!kept) await asked;
    else asked.catch((error) => this.failed(error));
    this.queue.send();
  }

  async ask() {
    const answer = await ask("/checkpoints");
    await this.compare(answer.server_time);
    for (const point of answer.checkpoints) this.counts.set(point.id, point.counts);
    this.know(answer);
    await store.ifPossible(() => store.keepFact("stage", answer));
  }

  /** Know the checkpoints of this moment, and who belongs to them. */
  async renew() {
    if (!this.stage) return;
    await this.ask().catch((error) => this.failed(error));
    await this.refresh();
  }

  /** How far this clock is from the server's; kept, for a phone that starts without network. */
  async compare(serverTime) {
    const before = this.offset;
    this.offset = Date.parse(serverTime) - Date.now();
    this.compared = true;
    if (Math.abs(this.offset - before) > 1000) await store.ifPossible(() => store.keepFact("offset", this.offset));
  }

  know({ stage, device, checkpoints, preselected }) {
    Object.assign(this, { stage, device, preselected, points: checkpoints });
    for (const point of checkpoints) if (!this.counts.has(point.id)) this.counts.set(point.id, point.counts);
    for (const listener of this.listeners.opened) listener();
    this.changed();
  }

  /** Scan at this checkpoint from now on. */
  async choose(checkpoint) {
    if (this.checkpoint === checkpoint) return;
    this.checkpoint = checkpoint;
    this.roster = new Roster(checkpoint);
    this.marks = new Marks(checkpoint);
    this.changed();
    await Promise.all([this.roster.load(), this.marks.load()]);
    if (this.checkpoint === checkpoint) this.refresh();
  }

  get point() {
    return this.points.find((one) => one.id === this.checkpoint) ?? null;
  }

  /**
   * {unsent, parked, keeps, lost, barred, expected, present}: entries on their way and those that the server could not take; whether
   * this browser writes down what is scanned; the counts.
   */
  state() {
    const waiting = this.queue.waiting;
    const counts = this.counts.get(this.checkpoint) ?? { expected: null, present: null };
    const own = waiting.filter((one) => one.checkpoint === this.checkpoint && one.body.offline_decision === "admitted").length;
    return {
      unsent: waiting.length,
      parked: this.queue.parked.length,
      keeps: this.keeps,
      lost: line.lost,
      barred: this.barred,
      expected: counts.expected,
      present: counts.present === null ? null : counts.present + own,
    };
  }

  /** Entries on their way, and those that the server could not take, which have a problem: as the queue has them. */
  unsent() {
    return [...this.queue.waiting, ...this.queue.parked];
  }

  retry() {
    return this.queue.retry();
  }

  send() {
    return this.queue.send();
  }

  /** The verdict on a code (as read) or on a person's hash; source as the API names it, `occurred_at` if it was not now. */
  scan({ code, code_hash, source, ...moment }) {
    const what = code_hash ? { code_hash } : { code };
    if (!code_hash && !isReadable(code)) return Promise.resolve(this.answer(this.entry("scan", what), { decision: "refused", reason: "malformed" }));
    return this.record("scan", { ...what, source, ...moment });
  }

  /** Somebody without registration: {name, institution_id | institution, category, position, phone, represents?}. */
  walkIn(person) {
    return this.record("walk_in", person);
  }

  entry(kind, fields) {
    const body = { scan_id: newScanId(), occurred_at: new Date().toISOString(), ...fields };
    return { checkpoint: this.checkpoint, kind, body };
  }

  async record(kind, fields) {
    const entry = this.entry(kind, fields);
    if (line.lost || this.barred) return this.alone(entry);
    try {
      return await this.waitFor(entry.body.scan_id, () => this.queue.add(entry));
    } catch (error) {
      return this.directly(entry, error);
    }
  }

  /** A parked walk-in with what was wrong put right: by its own number and time. Answers its verdict. */
  async mend(scanId, person) {
    try {
      return await this.waitFor(scanId, () => this.queue.mend(scanId, person));
    } catch (error) {
      this.failed(error);
      return { decision: "refused", reason: "not_kept", scan_id: scanId, person: null };
    }
  }

  /** The verdict on an entry that write() writes down: the server's, or after a moment the phone's, by what it knows now. */
  async waitFor(scanId, write) {
    const waits = { entry: null, knows: this.knowledge() };
    const verdict = new Promise((resolve) => (waits.resolve = resolve));
    this.pending.set(scanId, waits);
    try {
      waits.entry = await write();
      this.kept(true);
    } catch (error) {
      this.pending.delete(scanId);
      throw error;
    }
    if (line.lost) this.decideAll();
    else setTimeout(() => this.pending.has(scanId) && setLost(true), PATIENCE);
    return verdict;
  }

  /** By what the phone judges at the checkpoint that is chosen. */
  knowledge() {
    return { roster: this.roster, marks: this.marks, offset: this.offset };
  }

  /** Without network: decided first, so that one write keeps both the scan and what the door is told. */
  async alone(entry) {
    const verdict = this.judge(entry, this.knowledge());
    entry.body.offline_decision = verdict.decision;
    try {
      await this.queue.add(entry, this.mark(entry, verdict));
      this.kept(true);
    } catch (error) {
      return this.directly(entry, error);
    }
    return this.answer(entry, verdict, { offline: true });
  }

  /** What could not be written down (no space, or none allowed) has the server as its only keeper. */
  async directly(entry, trouble) {
    if (!(trouble instanceof DOMException)) throw trouble;
    this.marks.drop(entry.body.scan_id);
    delete entry.body.offline_decision; // nobody was told so
    this.unkept();
    try {
      const { results, counts } = await this.queue.post([entry], entry.kind === "scan" ? PATIENCE : undefined);
      this.count(entry.checkpoint, counts);
      return this.answer(entry, results[0]);
    } catch (error) {
      this.failed(error);
      return this.answer(entry, { decision: "refused", reason: "not_kept" });
    }
  }

  unkept() {
    this.kept(false);
  }

  kept(keeps) {
    if (this.keeps === keeps) return;
    this.keeps = keeps;
    this.changed();
  }

  decideAll() {
    for (const waits of this.pending.values()) if (waits.entry && !waits.decides) this.decide(waits);
  }

  /** An answer that was settled before the decision was written down is what the door is told. */
  async decide(waits) {
    waits.decides = true;
    const { entry, knows, resolve } = waits;
    const verdict = this.judge(entry, knows);
    const tell = () => this.pending.delete(entry.body.scan_id) && resolve(this.answer(entry, verdict, { offline: true }));
    try {
      if (await this.queue.decided(entry, verdict.decision, this.mark(entry, verdict))) tell();
      else setTimeout(tell, PATIENCE); // another tab got it, and may be unable to say so
    } catch (error) {
      tell(); // the scan is kept, if not what was told
      this.failed(error);
    }
  }

  /** What the phone makes of an entry by its roster and whom it let in itself. */
  judge({ kind, body }, knows) {
    if (this.barred || !this.roster) return { decision: "parked", reason: "revoked_device" }; // or it was left while the scan waited
    if (kind === "walk_in") return { decision: "parked", reason: null, person: { name: body.name, institution: body.institution ?? "", groups: [] } };
    return judge(body, knows);
  }

  /** Whose code an entry's body holds, as far as the roster of the checkpoint that is chosen knows; else null. */
  personOf(body) {
    return (body.code || body.code_hash) && this.roster ? this.roster.find(hashOf(body)) : null;
  }

  /** Whom the door lets in by this verdict is known to it from now on. */
  mark({ kind, checkpoint, body }, { decision }) {
    if (kind !== "scan" || !(decision === "admitted" || decision === "parked") || this.barred) return null;
    const hash = hashOf(body);
    const mark = { scan_id: body.scan_id, checkpoint, hash, at: body.occurred_at, by: this.device?.name ?? enrolled()?.device ?? "" };
    if (checkpoint === this.checkpoint) this.marks.put(mark);
    return mark;
  }

  /** What an answer of the server leaves behind in the store. */
  settled(entry, result) {
    const scanId = entry.body.scan_id;
    this.marks.drop(scanId);
    const mark = result.decision === "admitted" ? this.mark(entry, result) : null;
    return mark ? { marks: [mark] } : { unmarked: [scanId] };
  }

  heard(entry, result, counts) {
    this.answered += 1;
    if (counts) this.counts.set(entry.checkpoint, counts);
    const scanId = entry.body.scan_id;
    const waits = this.pending.get(scanId);
    const answer = this.answer(entry, result);
    this.settled(entry, result); // also where another tab has sent it, or it was decided while the answer was written down
    if (waits) {
      this.pending.delete(scanId);
      waits.resolve(answer);
    } else {
      answer.before = entry.body.offline_decision ?? null;
      for (const listener of this.listeners.later) listener(scanId, answer);
    }
    if (result.reason === "revoked_device") this.ask().catch((error) => this.failed(error)); // says why
    else if (entry.kind === "walk_in") this.refresh();
    this.changed();
  }

  answer(entry, result, { offline = false } = {}) {
    const { scan_id, occurred_at } = entry.body;
    return { reason: null, person: null, first: null, ...result, scan_id, occurred_at, checkpoint: entry.checkpoint, offline };
  }

  /** Bring roster and counts up to date; without network nothing happens. */
  async refresh() {
    const roster = this.roster;
    if (!roster || !this.stage) return;
    const before = this.answered;
    const marks = this.marks;
    const settled = marks.settled(this.queue.entries);
    try {
      const answer = await roster.refresh();
      await this.compare(answer.server_time);
      if (answer.counts && before === this.answered) this.counts.set(roster.checkpoint, answer.counts);
      await marks.dropAnnulled(answer.entries, settled);
      this.changed();
    } catch (error) {
      this.failed(error);
      if (error instanceof Refused && error.status === 404) this.ask().catch((next) => this.failed(next)); // the checkpoint is gone
    }
  }

  failed(error) {
    if (error instanceof Refused) this.refused(error);
    else if (error instanceof DOMException) this.unkept();
    else if (!(error instanceof Lost)) throw error;
  }

  /** The token is not taken. Of one that is known but void what is unsent goes into quarantine first, then this browser forgets. */
  async refused({ status, code, message, token }) {
    if (token !== enrolled()?.token) return; // an answer to the device that this browser was before
    if (status === 401) return this.leave({ status, code, message });
    if (status !== 403 || this.barred) return;
    this.barred = code ?? "device_revoked";
    await store.ifPossible(() => store.keepFact("barred", this.barred));
    await this.queue.send();
    this.changed();
  }

  /** Forget token, roster and stage; what is unsent stays. */
  async leave(trouble = null) {
    if (!enrolled()) return;
    await forget();
    Object.assign(this, { stage: null, device: null, points: [], checkpoint: null, roster: null, barred: null });
    this.changed();
    if (trouble) for (const listener of this.listeners.trouble) listener(trouble);
  }

  /** What the server counts at a checkpoint. */
  count(checkpoint, counts) {
    this.counts.set(checkpoint, counts);
    this.changed();
  }

  changed() {
    if (this.barred && this.queue.loaded && !this.queue.waiting.length) return this.leave({ status: 403, code: this.barred });
    for (const listener of this.listeners.state) listener(this.state());
  }
}
