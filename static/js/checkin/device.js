// The device: its token, kept by this browser alone, and the calls of the API.

const KEY = "scanner";
const PATIENCE = 10000;

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

export function enrolled() {
  try {
    return JSON.parse(localStorage.getItem(KEY));
  } catch {
    return null;
  }
}

export function keep(device) {
  localStorage.setItem(KEY, JSON.stringify(device));
}

export function forget() {
  localStorage.removeItem(KEY);
}

/** JSON of the API. Throws Lost without an answer (also for 5xx: it is to be sent again), Refused for a problem. */
export async function ask(path, { method = "GET", body, token = enrolled()?.token ?? "" } = {}) {
  const headers = { Authorization: `Bearer ${token}`, Accept: "application/json", "Unsent-Scans": String(line.unsent) };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response, answer;
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "omit",
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE),
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
