// What the phone makes of a scan by itself: by its roster, whom it let in, and the rule.

import { codeHash, isCode } from "./hashes.js";
import { decide } from "./rule.js";

/** marks: whom this device let in; offset: of the server's clock from this one, in milliseconds. */
export function judge(body, { roster, marks, offset }) {
  const person = roster.find(hashOf(body));
  if (!person) return judgeStranger(body, marks);
  const { stage_id: stage, opens_at, closes_at, expected_group_ids: expected_groups } = roster.place;
  const holder = { stage, state: person.status, groups: person.group_ids ?? [] };
  const own = marks.of(person);
  const at = new Date(Date.parse(body.occurred_at) + offset).toISOString();
  const verdict = decide({ stage, opens_at, closes_at, expected_groups }, holder, { at, attended: Boolean(own || person.attended_at) });
  const { name, institution, groups } = person;
  const first = own ? { at: own.at, by: own.by } : { at: person.attended_at, by: "" };
  return { ...verdict, person: { name, institution, groups }, first: verdict.decision === "repeat" ? first : null };
}

/** Who is not known may be registered since: let in, and settled later. What is no code at all belongs to nobody. */
function judgeStranger(body, marks) {
  if (body.code !== undefined && !isCode(body.code)) return { decision: "refused", reason: "unknown" };
  const own = marks.get(hashOf(body));
  return own ? { decision: "repeat", reason: null, first: { at: own.at, by: own.by } } : { decision: "parked", reason: "unknown" };
}

export function hashOf(body) {
  return body.code_hash ?? codeHash(body.code);
}
