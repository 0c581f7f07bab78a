// "Kertas": keying in a signed sheet by scanning the small badge QR of its rows.

import { element, say, show } from "./texts.js";

const MARGIN = 5000; // milliseconds after it, for what is not known exactly of the phone's clock
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
    const from = since();
    element("paper-text").textContent = from ? say("paper-past", { time: clock().when(from) }) : say("paper-now");
  }

  /** From when on whoever signed was there, in milliseconds of the server's clock: as the first session begins, or else as the checkpoint
   * opens; as the form for sheets proposes. Null before that. */
  function since() {
    if (!box.checked || !point()) return null;
    const [opens, closes] = [Date.parse(point().opens_at), Date.parse(point().closes_at)];
    const begins = Math.min(...point().sessions.map((one) => Date.parse(one.starts_at)));
    const from = begins >= opens && begins <= closes ? begins : opens;
    return Date.now() + offset() >= from ? from : null;
  }

  /** {occurred_at}, where it is not now. By the phone's clock, as every scan: the server corrects it by as much as that clock is wrong. */
  function moment() {
    const from = since();
    return from ? { occurred_at: new Date(from - offset() + MARGIN).toISOString() } : {};
  }

  box.addEventListener("change", () => turn(box.checked));
  element("paper-end").addEventListener("click", () => turn(false));
  tell();
  return { source: (usual) => (box.checked ? "paper" : usual), moment, tell };
}
