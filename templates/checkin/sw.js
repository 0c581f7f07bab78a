// The scanner without network: the page and its files as they were when this version was kept, never anybody's data.

const SCOPE = {{ scope|tojson }};
const KEPT = "bimtek-presensi-";
const CACHE = KEPT + {{ version|tojson }};
const DOOR = "bimtek-door"; // until when a checkpoint is open, told by the page
const FILES = new Set({{ files|tojson }});

addEventListener("install", (event) => event.waitUntil(keep()));
addEventListener("activate", (event) => event.waitUntil(forgetOthers().then(() => clients.claim())));
addEventListener("message", ({ data }) => data === "renew" && skipWaiting());
addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname, searchParams } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  const path = pathname.startsWith(`${SCOPE}/static/`) ? pathname.slice(SCOPE.length) : pathname;
  if (request.mode === "navigate" && pathname === SCOPE) event.respondWith(page(request, searchParams.has("lang")));
  else if (FILES.has(path)) event.respondWith(kept(path, request));
});

/** All or nothing; and no other version while a checkpoint is open: the browser tries again later. */
async function keep() {
  if (registration.active && (await doorIsOpen())) throw new Error("a checkpoint is open");
  const cache = await caches.open(CACHE);
  await cache.addAll([SCOPE, ...FILES].map((url) => new Request(url, { cache: "reload" })));
}

async function doorIsOpen() {
  const told = await caches.match("/until", { cacheName: DOOR });
  return Boolean(told) && Date.now() < Number(await told.text());
}

async function forgetOthers() {
  for (const name of await caches.keys()) if (name.startsWith(KEPT) && name !== CACHE) await caches.delete(name);
}

async function kept(path, request) {
  return (await caches.match(path, { cacheName: CACHE, ignoreVary: true })) ?? fetch(request);
}

async function page(request, asksForLanguage) {
  if (!asksForLanguage) return kept(SCOPE, request);
  return fetch(request).catch(() => kept(SCOPE, request));
}
