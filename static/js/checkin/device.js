// The device: its token, kept by this browser alone, and the calls of the API.

import { fact, keepFact, wipe } from "./store.js";

const KEY = "scanner";
const PATIENCE = 10000; // milliseconds
let current = null;

export class Lost extends Error {} // no answer came: the network, or a server that is down

export class Broken extends Lost {} // the server answered that it failed; another request may fare better

export class Refused extends Error {
  constructor(status, problem, token) {
    super(problem?.detail ?? String(status));
    Object.assign(this, { status, token, code: problem?.code ?? null, field: problem?.field ?? null });
  }
}

/** Whether the last request went without an answer. `unsent` is told to the server with each. */
export const line = { lost: false, unsent: 0, onChange: () => {} };

export function setLost(lost) {
  if (line.lost === lost) return;
  line.lost = lost;
  line.onChange();
}

/** Know what this browser was enrolled as. localStorage alone would not do: what was written to it last dies with the browser. */
export async function recall() {
  let copy = null;
  try {
    copy = JSON.parse(localStorage.getItem(KEY));
  } catch {
    // nothing that could be read
  }
  current = (await fact(KEY)) ?? null;
  if (current) localStorage.setItem(KEY, JSON.stringify(current)); // by which other pages and tabs know
  else if (copy?.token && !copy.by) await keep({ ...copy, by: "tap" }); // enrolled by an earlier version of this page
  return current;
}

/** {token, stage, device, by: "tap" | "code"}, or null. */
export function enrolled() {
  return current;
}

export async function keep(device) {
  await keepFact(KEY, device);
  current = device;
  localStorage.setItem(KEY, JSON.stringify(device));
}

/** Forget token, roster and stage; what is unsent stays. */
export async function forget() {
  current = null;
  await wipe();
  localStorage.removeItem(KEY);
}

/** JSON of the API. `carried`: how many unsent entries the request brings itself. Throws Lost without an answer (also for 5xx: it is to be sent again), Refused for a problem. */
export async function ask(path, { method = "GET", body, carried = 0, token = enrolled()?.token ?? "", patience = PATIENCE } = {}) {
  const headers = { Authorization: `Bearer ${token}`, Accept: "application/json", "Unsent-Scans": String(Math.max(0, line.unsent - carried)) };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response, answer;
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "omit",
      cache: "no-store",
      signal: AbortSignal.timeout(patience),
    });
    answer = await response.json();
  } catch {
    setLost(true);
    throw new Lost();
  }
  if (response.status >= 500 || response.status === 429) {
    setLost(true);
    throw response.status === 500 ? new Broken() : new Lost();
  }
  setLost(false);
  if (!response.ok) throw new Refused(response.status, answer, token);
  return answer;
}
