// Scans on their way. Each is written down before it is sent and crossed out only by an answer of its own, so none is lost.

import { ask, Lost, Refused } from "./device.js";

const KEY = "scanner-unsent";
const AT_ONCE = 100;
const AGAIN_AFTER = 3000;

export function newScanId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // randomUUID() needs HTTPS
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export class Queue {
  /** onAnswer(scan, result, counts, checkpoint) for each scan; onState(unsent, lost) whenever what is unsent changes; onRefused(status). */
  constructor({ onAnswer, onState, onRefused }) {
    Object.assign(this, { onAnswer, onState, onRefused });
    this.unsent = read();
    this.sending = false;
    this.timer = 0;
    addEventListener("online", () => this.send());
    document.addEventListener("visibilitychange", () => document.hidden || this.send());
  }

  add(checkpoint, scan) {
    this.unsent.push({ checkpoint, scan });
    this.write();
    this.send();
  }

  async send() {
    if (this.sending || !this.unsent.length) return;
    this.sending = true;
    clearTimeout(this.timer);
    try {
      let stuck = 0;
      for (const checkpoint of new Set(this.unsent.map((one) => one.checkpoint))) stuck += await this.sendAll(checkpoint);
      this.onState(this.unsent.length, stuck > 0);
      if (stuck) this.later();
    } catch (error) {
      if (error instanceof Refused) this.onRefused(error);
      else if (!(error instanceof Lost)) throw error;
      this.onState(this.unsent.length, true);
      this.later();
    } finally {
      this.sending = false;
    }
  }

  later() {
    this.timer = setTimeout(() => this.send(), AGAIN_AFTER);
  }

  /** How many scans of the checkpoint stay behind: it may be gone, and must not hold up those of others. */
  async sendAll(checkpoint) {
    for (;;) {
      const some = this.unsent.filter((one) => one.checkpoint === checkpoint).slice(0, AT_ONCE);
      if (!some.length) return 0;
      try {
        await this.sendSome(checkpoint, some);
      } catch (error) {
        if (error instanceof Refused && error.status === 404) return some.length;
        throw error;
      }
    }
  }

  async sendSome(checkpoint, some) {
    const body = { sent_at: new Date().toISOString(), scans: some.map((one) => one.scan) };
    const { results, counts } = await ask(`/checkpoints/${checkpoint}/scans`, { method: "POST", body });
    const answered = new Set(some);
    this.unsent = this.unsent.filter((one) => !answered.has(one));
    this.write();
    some.forEach((one, index) => this.onAnswer(one.scan, results[index], counts, checkpoint));
  }

  write() {
    localStorage.setItem(KEY, JSON.stringify(this.unsent));
  }
}

function read() {
  try {
    const unsent = JSON.parse(localStorage.getItem(KEY));
    return Array.isArray(unsent) ? unsent : [];
  } catch {
    return [];
  }
}
