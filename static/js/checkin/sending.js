// One sender among the tabs of a browser, and word between them.

import { lease } from "./store.js";

const NAME = "bimtek-sender";
const LEASE = 15000; // longer than a request may take
const WAIT = 1000;
const me = crypto.getRandomValues(new Uint32Array(2)).join("-");

/** Run work(goesOn) as the only tab that sends; after the one that does so now. goesOn() answers false once another has taken over. */
export async function alone(work) {
  if (navigator.locks) return navigator.locks.request(NAME, () => work(async () => true));
  while (!(await lease(me, Date.now() + LEASE))) await new Promise((resolve) => setTimeout(resolve, WAIT)); // plain http
  try {
    return await work(() => lease(me, Date.now() + LEASE));
  } finally {
    await lease(me, 0);
  }
}

/** A channel to the other tabs: onWord(word) hears what their tell(word) says. */
export function channel(onWord) {
  if (!("BroadcastChannel" in globalThis)) return { tell() {} };
  const open = new BroadcastChannel(NAME);
  open.onmessage = ({ data }) => onWord(data);
  return { tell: (word) => open.postMessage(word) };
}
