// Whom this device let in at a checkpoint, so that it knows them again before the server says so.

import { short } from "./roster.js";
import * as store from "./store.js";

/** A mark: {scan_id, checkpoint, hash, at, by}. */
export class Marks {
  constructor(checkpoint = null) {
    this.checkpoint = checkpoint;
    this.byHash = new Map();
  }

  async load() {
    for (const mark of await store.marks(this.checkpoint)) if (!this.get(mark.hash)) this.put(mark);
  }

  get(hash) {
    return this.byHash.get(short(hash)) ?? null;
  }

  /** Of a person on the roster, by any of his codes. */
  of({ hashes }) {
    return hashes.map((hash) => this.get(hash)).find(Boolean) ?? null;
  }

  put(mark) {
    this.byHash.set(short(mark.hash), mark);
  }

  drop(scanId) {
    for (const [hash, mark] of this.byHash) if (mark.scan_id === scanId) this.byHash.delete(hash);
  }

  /** Those whose scans are none of these entries on their way: the server has answered. */
  settled(entries) {
    const onTheirWay = new Set(entries.map(({ body }) => body.scan_id));
    return [...this.byHash.values()].filter((mark) => !onTheirWay.has(mark.scan_id));
  }

  /** Who is not there any more by a roster that was asked for after these were settled: the attendance was annulled. */
  async dropAnnulled(roster, settled) {
    const absent = new Set(roster.filter((entry) => !entry.attended_at).flatMap((entry) => entry.hashes.map(short)));
    const gone = settled.filter((mark) => absent.has(short(mark.hash)));
    for (const mark of gone) this.byHash.delete(short(mark.hash));
    if (gone.length) await store.ifPossible(() => store.settle({ unmarked: gone.map((mark) => mark.scan_id) }));
  }
}
