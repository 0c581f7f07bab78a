// What a scan means, decided by the phone alone: the same rule as app/checkin/rules.py, held to it by tests/checkin/cases.json.

/**
 * place: {stage, opens_at, closes_at, expected_groups: [id]} (none: everyone is expected); holder: {stage, state, groups: [id]} or null;
 * at: ISO 8601 with offset; attended: an attendance of the holder is in force already. Answers {decision, reason}.
 */
export function decide(place, holder, { at, attended }) {
  const reason = refusal(place, holder, Date.parse(at));
  if (reason) return { decision: "refused", reason };
  return { decision: attended ? "repeat" : "admitted", reason: null };
}

function refusal(place, holder, at) {
  if (!holder) return "unknown";
  if (holder.state === "cancelled") return "cancelled";
  if (holder.state !== "confirmed") return "not_confirmed";
  if (holder.stage !== place.stage) return "other_stage";
  if (at < Date.parse(place.opens_at)) return "too_early";
  if (at >= Date.parse(place.closes_at)) return "too_late";
  if (place.expected_groups.length && !place.expected_groups.some((group) => holder.groups.includes(group))) return "wrong_group";
  return null;
}
