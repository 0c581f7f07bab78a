// The attendance book: one verdict for each scan. It is written down first, then sent; where no answer comes within a moment the
// phone decides by its roster, by the same rule, and the server hears what it decided.

import { ask, enrolled, forget, line, Lost, Refused, setLost } from "./device.js";
import { isReadable } from "./hashes.js";
import { hashOf, judge, markOf } from "./judging.js";
import { newScanId, Queue } from "./queue.js";
import { Roster, short } from "./roster.js";
import * as store from "./store.js";

const PATIENCE = 1500; // milliseconds until the phone decides alone
const ROSTER_EVERY = 30000;

/*
 * An answer: {scan_id, decision, reason, person: {name, institution, groups} | null, first: {at, by} | null, offline, detail?,
 * stage?, occurred_at, checkpoint, before?}. `offline`: the phone decided; `before`: what it had decided, in a later answer of the
 * server. The reason "revoked_device" with `offline` says that the phone may decide nothing any more.
 */
export class Book {
  constructor() {
    Object.assign(this, { stage: null, device: null, points: [], checkpoint: null, roster: null, barred: null });
    this.counts = new Map(); // by checkpoint, as the server said last
    this.marks = new Map(); // whom this device let in at the checkpoint, by short hash
    this.pending = new Map(); // scans whose door waits for a verdict: {entry, resolve}, by scan
    this.answered = 0;
    this.offset = 0; // of the server's clock from this one, in milliseconds
    this.listeners = { state: [], later: [], trouble: [], opened: [] };
    this.queue = new Queue({
      settled: (entry, result) => this.settled(entry, result),
      onAnswer: (entry, result, counts) => this.heard(entry, result, counts),
      onChange: () => this.changed(),
      onRefused: (problem) => this.refused(problem),
    });
    line.onChange = () => {
      if (line.lost) this.decideAll();
      this.changed();
    };
    setInterval(() => document.hidden || this.refresh(), ROSTER_EVERY);
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
    this.offset = (await store.fact("offset")) ?? 0;
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
    await store.keepFact("stage", answer);
    for (const point of answer.checkpoints) this.counts.set(point.id, point.counts);
    this.know(answer);
  }

  /** How far this clock is from the server's; kept, for a phone that starts without network. */
  async compare(serverTime) {
    const before = this.offset;
    this.offset = Date.parse(serverTime) - Date.now();
    if (Math.abs(this.offset - before) > 1000) await store.keepFact("offset", this.offset);
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
    this.marks = new Map();
    this.changed();
    const [roster, marks] = await Promise.all([this.roster.load(), store.marks(checkpoint)]);
    if (roster !== this.roster) return;
    for (const mark of marks) if (!this.marks.has(short(mark.hash))) this.marks.set(short(mark.hash), mark);
    this.refresh();
  }

  get point() {
    return this.points.find((one) => one.id === this.checkpoint) ?? null;
  }

  /** {unsent, parked, lost, barred, expected, present}: entries on their way and those that the server could not take; the counts. */
  state() {
    const waiting = this.queue.waiting;
    const counts = this.counts.get(this.checkpoint) ?? { expected: null, present: null };
    const own = waiting.filter((one) => one.checkpoint === this.checkpoint && one.body.offline_decision === "admitted").length;
    return {
      unsent: waiting.length,
      parked: this.queue.parked.length,
      lost: line.lost,
      barred: this.barred,
      expected: counts.expected,
      present: counts.present === null ? null : counts.present + own,
    };
  }

  /** What the server could not take: {scan_id, occurred_at, checkpoint, kind, body, problem: {kind, field?, detail?}}. */
  parked() {
    return this.queue.parked.map(({ checkpoint, kind, body, problem }) => {
      return { scan_id: body.scan_id, occurred_at: body.occurred_at, checkpoint, kind, body, problem };
    });
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
    const scanId = entry.body.scan_id;
    const waits = { entry: null };
    const verdict = new Promise((resolve) => (waits.resolve = resolve));
    this.pending.set(scanId, waits);
    try {
      waits.entry = await this.queue.add(entry);
    } catch (error) {
      this.pending.delete(scanId);
      throw error;
    }
    if (line.lost) this.decideAll();
    else setTimeout(() => this.pending.has(scanId) && setLost(true), PATIENCE);
    return verdict;
  }

  /** Without network: decided first, so that one write keeps both the scan and what the door is told. */
  async alone(entry) {
    const verdict = this.judge(entry);
    entry.body.offline_decision = verdict.decision;
    await this.queue.add(entry, this.mark(entry, verdict));
    return this.answer(entry, verdict, { offline: true });
  }

  decideAll() {
    for (const waits of this.pending.values()) if (waits.entry && !waits.decides) this.decide(waits);
  }

  /** An answer that was settled before the decision was written down is what the door is told. */
  async decide(waits) {
    waits.decides = true;
    const { entry, resolve } = waits;
    const verdict = this.judge(entry);
    const tell = () => this.pending.delete(entry.body.scan_id) && resolve(this.answer(entry, verdict, { offline: true }));
    if (await this.queue.decided(entry, verdict.decision, this.mark(entry, verdict))) tell();
    else setTimeout(tell, PATIENCE); // another tab got it, and may be unable to say so
  }

  /** What the phone makes of an entry by its roster and whom it let in itself. */
  judge({ kind, body }) {
    if (this.barred || !this.roster) return { decision: "parked", reason: "revoked_device" }; // or it was left while the scan waited
    if (kind === "walk_in") return { decision: "parked", reason: null, person: { name: body.name, institution: body.institution ?? "", groups: [] } };
    return judge(body, this);
  }

  /** Whom the door lets in by this verdict is known to it from now on. */
  mark({ kind, checkpoint, body }, { decision }) {
    if (kind !== "scan" || !(decision === "admitted" || decision === "parked") || this.barred) return null;
    const hash = hashOf(body);
    const mark = { scan_id: body.scan_id, checkpoint, hash, at: body.occurred_at, by: this.device?.name ?? enrolled()?.device ?? "" };
    if (checkpoint === this.checkpoint) this.marks.set(short(hash), mark);
    return mark;
  }

  /** What an answer of the server leaves behind in the store. */
  settled(entry, result) {
    const scanId = entry.body.scan_id;
    for (const [hash, mark] of this.marks) if (mark.scan_id === scanId) this.marks.delete(hash);
    const mark = result.decision === "admitted" ? this.mark(entry, result) : null;
    return mark ? { marks: [mark] } : { unmarked: [scanId] };
  }

  heard(entry, result, counts) {
    this.answered += 1;
    if (counts) this.counts.set(entry.checkpoint, counts);
    const scanId = entry.body.scan_id;
    const waits = this.pending.get(scanId);
    const answer = this.answer(entry, result);
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
    const settled = [...this.marks.values()].filter((mark) => !this.queue.entries.some((one) => one.body.scan_id === mark.scan_id));
    try {
      const answer = await roster.refresh();
      await this.compare(answer.server_time);
      if (answer.counts && before === this.answered) this.counts.set(roster.checkpoint, answer.counts);
      await this.dropAnnulled(answer.entries, settled);
      this.changed();
    } catch (error) {
      this.failed(error);
    }
  }

  /** Who is not there any more by a roster asked for after the scan was answered: the attendance was annulled. */
  async dropAnnulled(entries, settled) {
    const absent = new Set(entries.filter((entry) => !entry.attended_at).flatMap((entry) => entry.hashes.map(short)));
    const gone = settled.filter((mark) => absent.has(short(mark.hash)));
    for (const mark of gone) this.marks.delete(short(mark.hash));
    if (gone.length) await store.settle({ unmarked: gone.map((mark) => mark.scan_id) });
  }

  failed(error) {
    if (error instanceof Refused) this.refused(error);
    else if (!(error instanceof Lost)) throw error;
  }

  /** The token is not taken. Of one that is known but void what is unsent goes into quarantine first, then this browser forgets. */
  async refused({ status, code, message, token }) {
    if (token !== enrolled()?.token) return; // an answer to the device that this browser was before
    if (status === 401) return this.leave({ status, code, message });
    if (status !== 403 || this.barred) return;
    this.barred = code ?? "device_revoked";
    await store.keepFact("barred", this.barred);
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

  async search(text) {
    if (this.roster?.known) {
      if (!line.lost && !this.roster.search(text).length) await this.refresh(); // whoever registered a moment ago
      return this.roster.search(text).map((person) => this.found(person));
    }
    const { people } = await ask(`/checkpoints/${this.checkpoint}/people?q=${encodeURIComponent(text)}`);
    return people.map(({ code_hash, ...person }) => ({ ...person, hash: code_hash, hashes: [code_hash] }));
  }

  found(person) {
    const { hashes, name, institution, groups, status } = person;
    const attended_at = person.attended_at ?? markOf(person, this.marks)?.at ?? null;
    return { hash: hashes[1] ?? hashes[0], hashes, name, institution, groups, status, attended_at };
  }

  /** {institutions, categories}, as the server said them last. Throws Lost where it never did. */
  async institutions() {
    try {
      const answer = await ask(`/checkpoints/${this.checkpoint}/institutions`);
      await store.keepFact("institutions", answer);
      return answer;
    } catch (error) {
      const kept = await store.fact("institutions");
      if (error instanceof Lost && kept) return kept;
      throw error;
    }
  }

  /** Whom this device admitted last, by the server: [{scan_id, at, person}]; none without network, or once something newer is known. */
  async recent() {
    const before = this.answered;
    try {
      const { recent, counts } = await ask(`/checkpoints/${this.checkpoint}/recent`);
      if (before !== this.answered) return [];
      this.counts.set(this.checkpoint, counts);
      this.changed();
      return recent;
    } catch (error) {
      this.failed(error);
      return [];
    }
  }

  /** Annul an admission. Throws Lost or Refused. */
  async annul(scanId, reason) {
    const { counts } = await ask(`/scans/${scanId}`, { method: "DELETE", body: { reason } });
    this.answered += 1;
    this.counts.set(this.checkpoint, counts);
    for (const [hash, mark] of this.marks) if (mark.scan_id === scanId) this.marks.delete(hash);
    await store.settle({ unmarked: [scanId] });
    await this.refresh();
    this.changed();
    return counts;
  }

  changed() {
    if (this.barred && this.queue.loaded && !this.queue.waiting.length) return this.leave({ status: 403, code: this.barred });
    for (const listener of this.listeners.state) listener(this.state());
  }
}
