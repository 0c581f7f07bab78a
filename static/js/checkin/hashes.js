// Codes as app/shared/codes.py understands them: what a scanner or a keyboard delivers, also the whole address of a ticket.

import { sha256 } from "./sha256.js";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH = 16;
const LONGEST = 512; // what the server reads as a code
const SPACES = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/g;
const DASHES = /[-\u00ad\u2010-\u2015\u2212]/g;
const FORGIVEN = { O: "0", I: "1", L: "1" };

/** The form in which codes are compared: upper case, O → 0, I and L → 1, no spaces or dashes. What comes back need not be a code. */
export function canonical(text) {
  const plain = lastSegment(text).replace(SPACES, "").replace(DASHES, "");
  return plain.replace(/[a-z]/g, (letter) => letter.toUpperCase()).replace(/[OIL]/g, (letter) => FORGIVEN[letter]);
}

export function isCode(text) {
  const code = canonical(text);
  return code.length === LENGTH && Array.from(code).every((letter) => ALPHABET.includes(letter));
}

/** Whether the server could read it as a code at all. */
export function isReadable(text) {
  return text.length <= LONGEST && text.replace(SPACES, "") !== "";
}

export function codeHash(text) {
  return sha256(canonical(text));
}

function lastSegment(text) {
  if (!text.includes("/")) return text;
  const path = text.split("?")[0].split("#")[0];
  const start = path.replace(new RegExp(`^${SPACES.source}|${SPACES.source}$`, "g"), "").replace(/\/+$/, "");
  return start.slice(start.lastIndexOf("/") + 1);
}
