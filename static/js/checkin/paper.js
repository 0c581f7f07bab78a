// "Kertas": keying in a signed sheet by scanning the small badge QR of its rows.

import { element, say, show } from "./texts.js";

const MARGIN = 5000; // milliseconds after the opening, for what is not known exactly of the phone's clock
const KEY = "scanner-paper"; // of this tab: nobody finds it still on the next morning

/**
 * clock(), point() and offset() (of the server's clock from the phone's, in milliseconds) answer those of the moment. Answers {source(usual), moment()}
 * of a scan that is made now, and tell().
 */
export function setUpPaper({ clock, point, offset }) {
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
    element("paper-text").textContent = isPast() ? say("paper-past", { time: clock().when(point().opens_at) }) : say("paper-now");
  }

  function isPast() {
    return box.checked && point() && Date.now() + offset() >= Date.parse(point().closes_at);
  }

  /**
   * {occurred_at}, where it is not now: a checkpoint that has closed was attended from its opening on, as staff record it without a time.
   * By the phone's clock, as every scan: the server corrects it by as much as that clock is wrong.
   */
  function moment() {
    return isPast() ? { occurred_at: new Date(Date.parse(point().opens_at) - offset() + MARGIN).toISOString() } : {};
  }

  box.addEventListener("change", () => turn(box.checked));
  element("paper-end").addEventListener("click", () => turn(false));
  tell();
  return { source: (usual) => (box.checked ? "paper" : usual), moment, tell };
}
