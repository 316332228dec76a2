// The till without network: its page and its files. Sales are the page's own business (queue.js). The page that is kept is
// the one that was opened last, in its language.
const CACHE = `till-${DIGEST}`, PAGE = "/till";
self.addEventListener("install", (event) => event.waitUntil(
  caches.open(CACHE)
    .then((cache) => cache.addAll([...FILES, new Request(PAGE, { cache: "reload" })]))
    .then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(
  caches.keys()
    .then((names) => Promise.all(names.filter((name) => name.startsWith("till-") && name !== CACHE).map((name) => caches.delete(name))))
    .then(() => self.clients.claim())));

async function page(request) {
  const control = new AbortController();
  setTimeout(() => control.abort(), 5000);
  try {
    const answer = await fetch(request, { signal: control.signal });
    if (!answer.ok) throw new Error(String(answer.status));
    const text = await answer.clone().text();
    if (text.includes(`/static/${DIGEST}/`)) await (await caches.open(CACHE)).put(PAGE, answer.clone());
    return answer;
  } catch {
    return (await caches.match(PAGE)) ?? Response.error();
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event, path = new URL(request.url).pathname;
  if (request.method !== "GET") return;
  if (path.startsWith("/static/")) event.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)));
  else if (request.mode === "navigate" && path === PAGE) event.respondWith(page(request));
});
