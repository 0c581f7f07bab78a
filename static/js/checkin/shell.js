// The page as an app: its files are kept for when the network is gone, and renewed when no door depends on them.

const WORKER = "/presensi/sw.js";
const DOOR = "bimtek-door";
const LOOK_EVERY = 30000;

/** mayRenew() answers whether a new version may take over now; the page is loaded anew then. Answers the function that looks. */
export async function keepShell(mayRenew) {
  if (!("serviceWorker" in navigator)) return () => {};
  const { serviceWorker } = navigator;
  const hadOne = Boolean(serviceWorker.controller);
  serviceWorker.addEventListener("controllerchange", () => hadOne && location.reload());
  const registration = await serviceWorker.register(WORKER, { scope: "/presensi", updateViaCache: "none" }).catch(() => null);
  if (!registration) return () => {}; // without network, or in a browser that keeps nothing
  const renew = () => hadOne && mayRenew() && registration.waiting?.postMessage("renew");
  registration.addEventListener("updatefound", () => registration.installing?.addEventListener("statechange", renew));
  document.addEventListener("visibilitychange", renew);
  setInterval(renew, LOOK_EVERY);
  renew();
  return renew;
}

/** Ask that the browser clears this away for no want of space; and tell the worker until when a door is open (milliseconds; 0: none). */
export async function keepOpen(until) {
  navigator.storage?.persist?.().catch(() => {});
  if ("caches" in globalThis) await (await caches.open(DOOR)).put("/until", new Response(String(until)));
}
