// Works beside the pages: shows one's bookings when there is no network, keeps what was done
// meanwhile until there is one, and shows notices though no page is open. `self.LABITORY`, which
// the server writes above, names the addresses and the version.
const { version, page, acts, accounts, logout, home, icon, assets } = self.LABITORY;

const SHELL = `shell-${version}`;
// One person's page: never more than one, and nothing else of anybody's.
const OWN = `own-${version}`;
const PERSON = "X-Person";
const TOKEN = "X-CSRFToken";
const OLD = 5 * 60_000;

self.addEventListener("install", (event) => {
  const keep = async () => {
    const cache = await caches.open(SHELL);
    await cache.addAll(assets.map((address) => new Request(address, { cache: "reload" })));
    // Without cookies: the words for nobody in particular.
    await cache.put(page, await fetch(page, { cache: "reload", credentials: "omit" }));
    await self.skipWaiting();
  };
  event.waitUntil(keep());
});

self.addEventListener("activate", (event) => {
  const begin = async () => {
    const names = await caches.keys();
    await Promise.all(names.filter((name) => name !== SHELL).map((name) => caches.delete(name)));
    await self.registration.navigationPreload?.enable();
    await self.clients.claim();
  };
  const begun = begin();
  event.waitUntil(begun);
  // Pages wait until the worker has begun, and shall not wait for this.
  begun.then(refresh).catch(() => null);
});

// The network always comes first: what is kept is shown only when there is none.
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (address.origin !== self.location.origin) return;
  const navigates = request.mode === "navigate";
  if (request.method !== "GET") {
    isChanged = true;
    if (!navigates || !address.pathname.startsWith(accounts)) return;
    event.waitUntil(address.pathname === logout ? forgetAll() : forgetPage());
  } else if (navigates) {
    event.respondWith(navigate(event, address));
  } else if (assets.includes(address.pathname)) {
    event.respondWith(fetch(request).catch(() => caches.match(address.pathname)));
  }
});

async function navigate(event, address) {
  let answer;
  try {
    answer = (await event.preloadResponse) ?? (await fetch(event.request));
  } catch {
    const own = await caches.open(OWN);
    return (await own.match(page)) ?? (await caches.match(page));
  }
  // Whoever comes through these doors may be somebody else: the next page tells who.
  if (address.pathname.startsWith(accounts)) await forgetPage();
  return answer;
}

// Whether something was sent since the page was kept; and how often it was forgotten: an answer
// that was asked for before that is not kept after it.
let isChanged = false;
let forgotten = 0;

// One after the other: the answer to a visitor must not undo the one to who logged in since.
let refreshed = Promise.resolve();
const refresh = () => (refreshed = refreshed.catch(() => null).then(askAnew));

// Ask for one's page anew and keep it; gives who is logged in, and the token for sending.
async function askAnew() {
  const before = forgotten;
  isChanged = false;
  const answer = await fetch(page, { cache: "no-store", redirect: "manual" });
  if (answer.status >= 500) return null;
  const person = answer.ok ? answer.headers.get(PERSON) : null;
  if (!person) {
    await forgetPage();
    return null;
  }
  const known = await stored("facts", "readonly", (store) => store.get("person"));
  const isOther = Boolean(known) && known !== person;
  if (isOther) await forgetAll();
  const headers = new Headers(answer.headers);
  const token = headers.get(TOKEN);
  for (const name of [TOKEN, "Content-Encoding", "Content-Length"]) headers.delete(name);
  headers.set("Date", new Date().toUTCString());
  const body = await answer.text();
  // Somebody logged out while the answer was under way.
  if (forgotten !== before + Number(isOther)) return null;
  await stored("facts", "readwrite", (store) => store.put(person, "person"));
  await (await caches.open(OWN)).put(page, new Response(body, { headers }));
  return { person, token };
}

// A page says whose it is, empty for a visitor's; the page without a network does not know.
async function refreshIfOld(person) {
  const kept = await (await caches.open(OWN)).match(page);
  if (!kept && person === "") return;
  const isOthers = person !== undefined && person !== kept?.headers.get(PERSON);
  const age = kept ? Date.now() - Date.parse(kept.headers.get("Date")) : Infinity;
  if (isOthers || isChanged || age > OLD) await refresh();
}

async function forgetPage() {
  forgotten += 1;
  await caches.delete(OWN);
}

// The next one sees neither what was kept nor the notices of the one before.
async function forgetAll() {
  await forgetPage();
  await stored("acts", "readwrite", (store) => store.clear());
  await stored("facts", "readwrite", (store) => store.clear());
  await (await self.registration.pushManager?.getSubscription())?.unsubscribe();
}

function database() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open("labitory", 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("acts", { keyPath: "key" });
      asked.result.createObjectStore("facts");
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

async function stored(name, mode, work) {
  const opened = await database();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = opened.transaction(name, mode);
      const asked = work(transaction.objectStore(name));
      transaction.oncomplete = () => resolve(asked.result);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    opened.close();
  }
}

// What was done without a network, oldest first; only what the person of the kept page did.
async function keptActs() {
  const person = await stored("facts", "readonly", (store) => store.get("person"));
  const all = await stored("acts", "readonly", (store) => store.getAll());
  return all.filter((each) => each.person === person).sort((a, b) => a.done_at - b.done_at);
}

async function keepAct({ booking, act }) {
  const person = await stored("facts", "readonly", (store) => store.get("person"));
  const kept = { key: crypto.randomUUID(), person, booking, act, done_at: Date.now() };
  await stored("acts", "readwrite", (store) => store.put(kept));
  // Where the browser has no such thing, the next page tells.
  await self.registration.sync?.register("acts").catch(() => null);
  return keptActs();
}

async function dropAct({ key }) {
  await stored("acts", "readwrite", (store) => store.delete(key));
  return keptActs();
}

let telling = null;

// One at a time: the browser's own wish to do so may meet a page's.
const tell = () => (telling ??= tellActs().finally(() => { telling = null; }));

async function tellActs() {
  if (!(await keptActs()).length) return;
  const login = await refresh();
  const kept = login ? await keptActs() : [];
  if (!kept.length) return;
  const iso = (moment) => new Date(moment).toISOString();
  const told = kept.slice(0, 50).map(({ key, booking, act, done_at }) => (
    { key, booking, act, done_at: iso(done_at) }));
  const answer = await fetch(acts, {
    method: "POST",
    headers: { "Content-Type": "application/json", [TOKEN]: login.token },
    body: JSON.stringify({ device_now: iso(Date.now()), acts: told }),
  });
  if (!answer.ok) throw new Error(`acts: ${answer.status}`);
  for (const { key } of told) await dropAct({ key });
  await refresh();
  const pages = await self.clients.matchAll();
  pages.forEach((each) => each.postMessage({ told: told.length }));
}

self.addEventListener("sync", (event) => {
  if (event.tag === "acts") event.waitUntil(tell());
});

const ASKED = {
  look: async ({ person }) => { await tell(); await refreshIfOld(person); },
  acts: keptActs,
  keep: keepAct,
  drop: dropAct,
};

// Pages ask by `{ask: …}`, with a port for the answer if they wait for one.
self.addEventListener("message", (event) => {
  const asked = ASKED[event.data?.ask];
  if (!asked) return;
  const answer = (found) => event.ports[0]?.postMessage(found);
  event.waitUntil(asked(event.data).then(answer, () => answer(null)));
});

self.addEventListener("push", (event) => {
  const said = event.data?.json();
  if (!said) return;
  const { title, body, path, tag, lang } = said;
  const shown = { body, tag, lang, icon, data: { path } };
  event.waitUntil(self.registration.showNotification(title, shown));
});

// Only pages of ours open, whatever a notice says.
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const wanted = new URL(event.notification.data?.path || home, self.location.origin);
  const address = wanted.origin === self.location.origin ? wanted.href : home;
  const open = async () => {
    const pages = await self.clients.matchAll({ type: "window" });
    const there = pages.find((each) => each.url === address);
    return there ? there.focus() : self.clients.openWindow(address);
  };
  event.waitUntil(open());
});
