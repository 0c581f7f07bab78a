// The page decides as the server does: the same table of cases.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { decide } from "../../../static/js/checkin/rule.js";

const cases = JSON.parse(readFileSync(new URL("../cases.json", import.meta.url), "utf8"));
for (const one of cases) {
  test(one.name, () => {
    const verdict = decide(one.place, one.holder, { at: one.at, attended: one.attended });
    assert.deepEqual(verdict, { decision: one.decision, reason: one.reason });
  });
}
