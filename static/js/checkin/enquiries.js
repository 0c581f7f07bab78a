// What the door asks about people and institutions: by the roster where it is known, else of the server.

import { ask, line, Lost } from "./device.js";
import * as store from "./store.js";

export class Enquiries {
  constructor(book) {
    this.book = book;
  }

  /** People whose name or institution holds what was typed: [{hash, hashes, name, institution, groups, status, attended_at}]. */
  async search(text) {
    const { book } = this;
    if (book.roster?.known) {
      if (!line.lost && !book.roster.search(text).length) await book.refresh(); // whoever registered a moment ago
      return book.roster.search(text).map((person) => this.found(person));
    }
    const { people } = await ask(`/checkpoints/${book.checkpoint}/people?q=${encodeURIComponent(text)}`);
    return people.map(({ code_hash, ...person }) => ({ ...person, hash: code_hash, hashes: [code_hash] }));
  }

  found(person) {
    const { hashes, name, institution, groups, status } = person;
    const attended_at = person.attended_at ?? this.book.marks.of(person)?.at ?? null;
    return { hash: hashes[1] ?? hashes[0], hashes, name, institution, groups, status, attended_at };
  }

  /** Whom a hash names on the roster: {hash, name, institution}; without a name where it is not known any more. */
  personOf(hash) {
    const { name = "", institution = "" } = this.book.roster?.find(hash) ?? {};
    return { hash, name, institution };
  }

  /** {institutions, categories}, as the server said them last. Throws Lost where it never did. */
  async institutions() {
    try {
      const answer = await ask(`/checkpoints/${this.book.checkpoint}/institutions`);
      await store.ifPossible(() => store.keepFact("institutions", answer));
      return answer;
    } catch (error) {
      const kept = await store.fact("institutions");
      if (error instanceof Lost && kept) return kept;
      throw error;
    }
  }

  /** Whom this device admitted last, by the server: [{scan_id, at, person}]; none without network, or once something newer is known. */
  async recent() {
    const { book } = this;
    const { answered, checkpoint } = book;
    try {
      const { recent, counts } = await ask(`/checkpoints/${checkpoint}/recent`);
      if (answered !== book.answered || checkpoint !== book.checkpoint) return [];
      book.count(checkpoint, counts);
      return recent;
    } catch (error) {
      book.failed(error);
      return [];
    }
  }

  /** Annul an admission. Throws Lost or Refused. */
  async annul(scanId, reason) {
    const { book } = this;
    const { checkpoint } = book;
    const { counts } = await ask(`/scans/${scanId}`, { method: "DELETE", body: { reason } });
    book.answered += 1;
    book.marks.drop(scanId);
    book.count(checkpoint, counts);
    await store.ifPossible(() => store.settle({ unmarked: [scanId] }));
    await book.refresh();
  }
}
