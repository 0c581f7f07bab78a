// A USB scanner is a keyboard that types a whole code within a blink and ends it with Enter.

const IN_FIELD = 50; // milliseconds between keys; nobody types a name so fast
const ELSEWHERE = 300;
const SHORTEST = 12;
const NO_TEXT = ["checkbox", "radio", "file"];

export function listenForWedge(onCode) {
  let typed = "";
  let last = 0;
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
      if (event.timeStamp - last > (isField(event.target) ? IN_FIELD : ELSEWHERE)) typed = "";
      last = event.timeStamp;
      if (event.key === "Enter") {
        const code = typed;
        typed = "";
        if (code.length < SHORTEST) return;
        event.preventDefault();
        event.stopPropagation();
        takeBack(event.target, code);
        onCode(code);
      } else if (event.key.length === 1) {
        typed += event.key;
        if (isPicked(event)) event.preventDefault(); // the first letter would choose another checkpoint
        if (typed.length > 1 && !isField(event.target)) event.preventDefault(); // a space would press the button in focus
      }
    },
    { capture: true },
  );
}

function isField(target) {
  return target instanceof HTMLInputElement && !NO_TEXT.includes(target.type);
}

/** A letter typed into a list; the space bar opens it, and the arrows choose. */
function isPicked({ target, key }) {
  return target instanceof HTMLSelectElement && key !== " ";
}

function takeBack(target, code) {
  if (isField(target) && target.value.endsWith(code)) target.value = target.value.slice(0, -code.length);
}
