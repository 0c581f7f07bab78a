// "Kertas": keying in a signed sheet by scanning the small badge QR of its rows.

import { element, say, show } from "./texts.js";

const KEY = "scanner-paper"; // of this tab: nobody finds it still on the next morning

/** clock() and point() answer those of the moment. Answers {source(usual), moment()} of a scan that is made now, and tell(). */
export function setUpPaper({ clock, point }) {
  const box = element("paper-mode");
  box.checked = sessionStorage.getItem(KEY) === "yes";

  function turn(on) {
    box.checked = on;
    sessionStorage.setItem(KEY, on ? "yes" : "no");
    tell();
  }

  function tell() {
    document.body.classList.toggle("on-paper", box.checked);
    show("paper", box.checked);
    const { occurred_at: at } = moment();
    element("paper-text").textContent = at ? say("paper-past", { time: clock().when(at) }) : say("paper-now");
  }

  /** {occurred_at}, where it is not now: a checkpoint that has closed was attended from its opening on, as staff record it without a time. */
  function moment() {
    const at = point();
    return box.checked && at && Date.now() >= Date.parse(at.closes_at) ? { occurred_at: at.opens_at } : {};
  }

  box.addEventListener("change", () => turn(box.checked));
  element("paper-end").addEventListener("click", () => turn(false));
  tell();
  return { source: (usual) => (box.checked ? "paper" : usual), moment, tell };
}
