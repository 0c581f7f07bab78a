// Names are searched on the page as by the server. NAMES names a file of [text, key], written by the server.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { Roster, sortKey } from "../../../static/js/checkin/roster.js";

for (const [text, key] of JSON.parse(readFileSync(process.env.NAMES, "utf8"))) test(text, () => assert.equal(sortKey(text), key));

function person(number, name, institution, more = {}) {
  return { hashes: [`ticket ${number}`, `badge ${number}`], name, institution, groups: [], group_ids: [], status: "confirmed", attended_at: null, ...more };
}

function roster(...entries) {
  const one = new Roster(1);
  one.take({ revision: 1, entries });
  return one;
}

test("who bears the words in the name comes before who has them in the institution", () => {
  const people = roster(person(1, "Budi", "Dinas Siti"), person(2, "Siti Aminah", "Bank"), person(3, "Aminah", "Dinas Siti"));
  assert.deepEqual(people.search("siti").map((one) => one.name), ["Siti Aminah", "Aminah", "Budi"]);
  assert.deepEqual(people.search("  "), []);
});

test("an entry takes the place of the one it shares a hash with, and what is removed is gone by every hash", () => {
  const people = roster(person(1, "Budi", "Bank"), person(2, "Budi Santoso", "Bank"));
  people.take({ revision: 2, entries: [{ ...person(2, "Budi Santoso", "Bank"), hashes: ["ticket 2", "badge 2", "ticket 1", "badge 1"] }] });
  assert.equal(people.entries.length, 1);
  assert.equal(people.find("badge 1").name, "Budi Santoso");
  people.take({ revision: 3, entries: [], removed: ["ticket 2"] });
  assert.equal(people.find("badge 1"), null);
});
