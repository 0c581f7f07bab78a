// The page reads codes as the server does. CODES names a file of [text, canonical form, whether it is a code, digest], written by the server.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import test from "node:test";

import { canonical, codeHash, isCode } from "../../../static/js/checkin/hashes.js";
import { sha256 } from "../../../static/js/checkin/sha256.js";

for (const [text, form, is, digest] of JSON.parse(readFileSync(process.env.CODES, "utf8"))) {
  test(JSON.stringify(text).slice(0, 60), () => assert.deepEqual([canonical(text), isCode(text), codeHash(text)], [form, is, digest]));
}

test("SHA-256 of every length about the size of a block", () => {
  for (let length = 0; length < 200; length += 1) {
    const text = "é".repeat(length % 7) + "a".repeat(length);
    assert.equal(sha256(text), createHash("sha256").update(text).digest("hex"));
  }
});
