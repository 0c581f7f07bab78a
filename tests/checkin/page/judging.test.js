// What the phone makes of a scan alone, by what it knows of people and whom it let in itself.

import assert from "node:assert/strict";
import test from "node:test";

import { codeHash } from "../../../static/js/checkin/hashes.js";
import { judge } from "../../../static/js/checkin/judging.js";
import { Marks } from "../../../static/js/checkin/marks.js";
import { Roster, short } from "../../../static/js/checkin/roster.js";

const CODE = "ABCDEFGHJKMNPQRS";
const BADGE = "ABCDEFGHJKMNPQRT";
const place = { stage_id: 1, opens_at: "2019-07-08T06:00:00+07:00", closes_at: "2019-07-08T18:00:00+07:00", expected_group_ids: [] };

function phone({ offset = 0, marks = [], ...person } = {}) {
  const roster = new Roster(1);
  const known = { name: "Siti", institution: "Bank", groups: [], group_ids: [], status: "confirmed", attended_at: null };
  roster.take({ revision: 1, checkpoint: place, entries: [{ hashes: [short(codeHash(CODE)), codeHash(BADGE)], ...known, ...person }] });
  const own = new Marks(1);
  for (const code of marks) own.put({ hash: codeHash(code), at: "2019-07-08T07:00:00Z", by: "Pintu" });
  return { roster, offset, marks: own };
}

function verdict(knows, code = CODE, at = "2019-07-08T01:00:00Z") {
  const { decision, reason, first } = judge({ code, occurred_at: at }, knows);
  return [decision, reason, first?.by];
}

test("somebody known is admitted, by ticket and by badge", () => {
  assert.deepEqual(verdict(phone()), ["admitted", null, undefined]);
  assert.deepEqual(verdict(phone(), BADGE), ["admitted", null, undefined]);
});

test("whom the server knows to be there, or this door let in, is a repeat by any of his codes", () => {
  assert.deepEqual(verdict(phone({ attended_at: "2019-07-08T00:30:00Z" })), ["repeat", null, ""]);
  assert.deepEqual(verdict(phone({ marks: [CODE] }), BADGE), ["repeat", null, "Pintu"]);
});

test("a code of nobody is let in once; what is no code is not", () => {
  assert.deepEqual(verdict(phone(), "0".repeat(16)), ["parked", "unknown", undefined]);
  assert.deepEqual(verdict(phone({ marks: ["0".repeat(16)] }), "0".repeat(16)), ["repeat", null, "Pintu"]);
  assert.deepEqual(verdict(phone(), "https://example.org/menu"), ["refused", "unknown", undefined]);
});

test("the window is looked at by the server's clock, however wrong the phone's is", () => {
  const twoDays = 48 * 3600 * 1000;
  assert.deepEqual(verdict(phone({ offset: twoDays }), CODE, "2019-07-06T01:00:00Z"), ["admitted", null, undefined]);
  assert.deepEqual(verdict(phone({ offset: -twoDays })), ["refused", "too_early", undefined]);
});
