// A code as it is typed: 16 characters of Crockford's base32, which has no I, L, O and U. Knows no page, so that Node can test it.

export const CODE_LENGTH = 16;
const GROUP = 4;
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const FORGIVEN = { O: "0", I: "1", L: "1" };
const BETWEEN = /[\s\u00ad\u2010-\u2015\u2212-]/g;

/** [{letter, possible}] of what was typed or pasted; of a ticket's whole address the last segment counts. */
export function letters(typed) {
  return Array.from(lastSegment(typed).replace(BETWEEN, ""), (one) => {
    const capital = /[a-z]/.test(one) ? one.toUpperCase() : one;
    const letter = FORGIVEN[capital] ?? capital;
    return { letter, possible: ALPHABET.includes(letter) };
  });
}

export function isWhole(found) {
  return found.length === CODE_LENGTH && found.every((one) => one.possible);
}

export function joined(found) {
  return found.map((one) => one.letter).join("");
}

export function grouped(found) {
  return joined(found).replace(new RegExp(`.{${GROUP}}(?=.)`, "gu"), "$&-");
}

/** Where the caret stands in the grouped text behind `count` letters. */
export function caretAfter(count) {
  return count + Math.max(0, Math.ceil(count / GROUP) - 1);
}

function lastSegment(typed) {
  if (!typed.includes("/")) return typed;
  return typed.split(/[?#]/, 1)[0].trim().replace(/\/+$/, "").split("/").pop();
}
