// The device: its token, kept by this browser alone, and the calls of the API.

const KEY = "scanner";
const PATIENCE = 8000;

export class Lost extends Error {} // no answer came: the network, or a server that is down

export class Refused extends Error {
  constructor(status, problem) {
    super(problem?.detail ?? String(status));
    this.status = status;
  }
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

/** JSON of the API. Throws Lost without an answer (also for 5xx: the scan is to be sent again), Refused for a problem. */
export async function ask(path, { method = "GET", body } = {}) {
  const headers = { Authorization: `Bearer ${enrolled()?.token ?? ""}`, Accept: "application/json" };
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
    throw new Lost();
  }
  if (response.status >= 500 || response.status === 429) throw new Lost();
  if (!response.ok) throw new Refused(response.status, answer);
  return answer;
}
