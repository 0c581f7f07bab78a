// Who signs out on a shared computer leaves no roster behind on it; what is unsent is sent first. (A device enrolled by code stays:
// nobody has signed in for it.)

import { Book } from "./book.js";
import { recall } from "./device.js";
import { wipePeople } from "./store.js";

const LEAVING = "scanner-leaving"; // set by app.js as the form is sent

export async function isLeaving() {
  return localStorage.getItem(LEAVING) !== null && (await recall()) !== null;
}

/** Answers once this browser has forgotten the stage; people at once, and until then scans are sent whenever the network allows. */
export async function leave(book = new Book()) {
  await wipePeople();
  await new Promise((resolve) => {
    const go = async ({ unsent }) => {
      if (unsent || localStorage.getItem(LEAVING) === null) return; // who enrols anew meanwhile stays
      await book.leave();
      localStorage.removeItem(LEAVING);
      resolve();
    };
    book.queue.load().then(() => {
      book.onState(go);
      go(book.state());
      book.send();
    });
  });
}

export function stay() {
  localStorage.removeItem(LEAVING);
}
