// Who belongs to the stage, and who is at a checkpoint already: brought up to date by revision, and known without network.

import { ask, enrolled } from "./device.js";
import { ifPossible, keepRoster, roster as stored } from "./store.js";

const MOST = 20;
const SHORT = 16; // digits of a hash that tell five thousand people apart; all 64 would double the roster
const SEPARATORS = /[\s.,;:/\\_\-‐‑–—]+/g;

/** The part of a hash that codes are looked up by. */
export const short = (hash) => hash.slice(0, SHORT);

export class Roster {
  constructor(checkpoint) {
    this.checkpoint = checkpoint;
    this.revision = null;
    this.place = null;
    this.people = new Map(); // by each of their hashes, short
    this.keys = new WeakMap();
  }

  /** Whether anything is known of the stage's people. */
  get known() {
    return this.revision !== null;
  }

  get entries() {
    return [...new Set(this.people.values())];
  }

  async load() {
    const kept = await stored(this.checkpoint);
    if (kept && !this.known) this.take(kept);
    return this;
  }

  /** Ask for what has changed. Answers {entries, counts, server_time}; throws what ask throws. */
  async refresh() {
    const path = `/checkpoints/${this.checkpoint}/roster?hashes=short`;
    const { token } = enrolled() ?? {};
    const since = this.known ? `&since=${this.revision}` : "";
    let answer = await ask(path + since);
    const before = JSON.stringify(this.place);
    this.take(answer, { afresh: !since });
    if (since && answer.count !== this.entries.length) {
      answer = await ask(path); // something was missed
      this.take(answer, { afresh: true });
    }
    if (answer.entries.length || answer.removed?.length || JSON.stringify(this.place) !== before) {
      if (enrolled()?.token === token) await ifPossible(() => this.keep()); // else it was forgotten meanwhile
    }
    return answer;
  }

  find(hash) {
    return this.people.get(short(hash)) ?? null;
  }

  /** People whose name or institution holds every word typed, as the server's search finds them; at most 20. */
  search(text) {
    const words = sortKey(text).split(" ").filter(Boolean);
    if (!words.length) return [];
    const found = [];
    for (const person of this.entries) {
      const { name, institution } = this.keyOf(person);
      if (!words.every((word) => name.includes(word) || institution.includes(word))) continue;
      found.push({ person, name, rank: words.every((word) => name.includes(word)) ? 0 : 1 });
    }
    found.sort((one, other) => one.rank - other.rank || (one.name < other.name ? -1 : Number(one.name > other.name)));
    return found.slice(0, MOST).map((one) => one.person);
  }

  take({ revision, entries, removed = [], checkpoint, place }, { afresh = false } = {}) {
    if (afresh) this.people.clear();
    for (const hash of removed) this.remove(hash);
    for (const entry of entries) {
      for (const hash of entry.hashes) this.remove(hash);
      for (const hash of entry.hashes) this.people.set(short(hash), entry);
    }
    this.revision = revision;
    this.place = place ?? checkpoint ?? this.place;
  }

  remove(hash) {
    for (const one of this.find(hash)?.hashes ?? []) this.people.delete(short(one));
  }

  keep() {
    return keepRoster({ checkpoint: this.checkpoint, revision: this.revision, place: this.place, entries: this.entries });
  }

  keyOf(person) {
    if (!this.keys.has(person)) this.keys.set(person, { name: sortKey(person.name), institution: person.institution.toLowerCase() });
    return this.keys.get(person);
  }
}

/** Names as they are searched: no case, accents or punctuation, single spaces. */
export function sortKey(text) {
  const bare = text.normalize("NFKD").replace(/\p{M}/gu, "").replace(SEPARATORS, " ").toLowerCase();
  return bare.replace(/[^\p{L}\p{N} ]/gu, "").trim();
}
