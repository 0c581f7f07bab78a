// Scans that an earlier version of this page left unsent in localStorage move into the queue.

import { addEntries } from "./store.js";

const KEY = "scanner-unsent";

export async function migrate() {
  let old = [];
  try {
    old = JSON.parse(localStorage.getItem(KEY)) ?? [];
  } catch {
    // nothing that could be read
  }
  if (Array.isArray(old) && old.length) {
    await addEntries(old.map(({ checkpoint, scan }) => ({ checkpoint, kind: "scan", body: scan, state: "waiting" })));
  }
  localStorage.removeItem(KEY);
}
