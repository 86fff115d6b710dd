// Pages that move by themselves. The socket says that something changed, never what: the page asks
// its own address for the parts that move. Without the socket it asks from time to time.
//
// data-live="<address>"       asks it (empty: the page's own) for elements with data-live-part
// data-live-topics="a b"      when one of these changed
// data-live-every="30"        at least every so many seconds, for what changes by time alone
// data-live-pass="…"          a screen's leave to listen without a login
// data-live-lost              shown while nothing answers
// data-live-over              shown when nothing more will come: taken down, or no longer for its reader
// Anything that is typed into, chosen or open is left alone until its person is done.

import { isChanged } from "./forms.js";

const POLL = 30;
const CALM = 300;
const LEAST_MS = 1000;
const HIDDEN_MS = 120_000;
const LONGEST_WAIT = 60;
const MOST_TOPICS = 64;
const FOR_GOOD = [1008, 4401];
const TOKENS = /(name="csrfmiddlewaretoken" value=)"[^"]*"/g;

const sources = [...document.querySelectorAll("[data-live]")].map((element) => ({
  address: element.dataset.live || window.location.href,
  topics: (element.dataset.liveTopics || "").split(" ").filter(Boolean),
  every: Number(element.dataset.liveEvery) || 0,
  askedAt: Date.now(),
  spread: spread(),
  isNew: false,
  isAsking: false,
  isOver: false,
  tag: "",
}));
const shown = new Map();
const waiting = new Map();
document.querySelectorAll("[data-live-part]").forEach((part) => {
  shown.set(part.dataset.livePart, bare(part.innerHTML));
});

// What two answers have in common that say the same.
function bare(html) {
  return html.replace(TOKENS, "$1").replace(/\s+/g, " ").trim();
}

// Pages that were opened together shall not ask together.
function spread() {
  return 0.8 + Math.random() * 0.4;
}

// --- asking -------------------------------------------------------------------------------------

function look() {
  putWaiting();
  if (document.hidden) return;
  for (const source of sources) {
    const since = Date.now() - source.askedAt;
    const every = (isConnected() ? source.every || CALM : Math.min(source.every || POLL, POLL));
    const isDue = since > every * 1000 * source.spread;
    if (!source.isOver && !source.isAsking && (isDue || (source.isNew && since > LEAST_MS * source.spread))) {
      ask(source);
    }
  }
}

async function ask(source) {
  Object.assign(source, { isNew: false, isAsking: true, askedAt: Date.now(), spread: spread() });
  const headers = { "Live-Part": "1" };
  if (source.tag) headers["If-None-Match"] = source.tag;
  try {
    const answer = await fetch(source.address, { headers, redirect: "manual", cache: "no-store" });
    if (answer.ok) await take(source, answer);
    else if (answer.type === "opaqueredirect" || [401, 403, 404, 410].includes(answer.status)) endSource(source);
    tellLost(answer.status >= 500);
  } catch {
    tellLost(true);
  } finally {
    source.isAsking = false;
  }
}

async function take(source, answer) {
  source.tag = answer.headers.get("ETag") || "";
  const parts = new DOMParser().parseFromString(await answer.text(), "text/html");
  parts.querySelectorAll("[data-live-part]").forEach((part) => {
    waiting.set(part.dataset.livePart, part.innerHTML);
  });
  putWaiting();
  parts.querySelectorAll("body > [data-live-count]").forEach(count);
}

function count(told) {
  const name = CSS.escape(told.dataset.liveCount);
  document.querySelectorAll(`[data-live-count="${name}"]`).forEach((element) => {
    element.textContent = told.textContent;
    element.hidden = told.hidden;
    if (told.ariaLabel) element.ariaLabel = told.ariaLabel;
  });
}

// Logged out, or no longer for this reader: the page stands as it is, but for what it says of that.
function endSource(source) {
  source.isOver = true;
  if (!sources.every((each) => each.isOver)) return;
  window.clearTimeout(retry);
  socket?.close();
  document.querySelectorAll("[data-live-over]").forEach((element) => { element.hidden = false; });
}

function tellLost(isLost) {
  document.querySelectorAll("[data-live-lost]").forEach((element) => {
    element.hidden = !isLost;
  });
}

// --- putting it into the page -------------------------------------------------------------------

function putWaiting() {
  for (const [name, html] of waiting) {
    const place = document.querySelector(`[data-live-part="${CSS.escape(name)}"]`);
    if (!place) waiting.delete(name);
    else if (!isBusy(place)) {
      waiting.delete(name);
      put(place, name, html);
    }
  }
}

function isBusy(place) {
  const focused = document.activeElement;
  if (place.contains(focused) && focused.matches("input, textarea, select, [contenteditable]")) return true;
  if (place.querySelector("dialog[open], :popover-open")) return true;
  if ([...place.querySelectorAll("form")].some(isChanged)) return true;
  if ([...place.querySelectorAll("input[form]:checked")].some((field) => !field.defaultChecked)) return true;
  const selection = document.getSelection();
  return !selection.isCollapsed && place.contains(selection.anchorNode);
}

function put(place, name, html) {
  if (shown.get(name) === bare(html)) return;
  shown.set(name, bare(html));
  const restore = remember(place);
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  place.replaceChildren(fresh.content);
  restore();
  window.htmx?.process(place);
  document.dispatchEvent(new CustomEvent("live:swapped", { detail: { name, place } }));
  announce();
}

// Where its reader is: the focus, what is unfolded, how far it is scrolled.
function remember(place) {
  const focus = place.contains(document.activeElement) ? whereIs(place, document.activeElement) : null;
  const unfolded = [...place.querySelectorAll("details")].map((each) => each.open);
  const scrolled = [...place.querySelectorAll("[tabindex]")].map((each) => [each.scrollLeft, each.scrollTop]);
  return () => {
    const folds = [...place.querySelectorAll("details")];
    if (folds.length === unfolded.length) folds.forEach((each, n) => { each.open = unfolded[n]; });
    [...place.querySelectorAll("[tabindex]")].forEach((each, n) => {
      if (scrolled[n]) [each.scrollLeft, each.scrollTop] = scrolled[n];
    });
    if (focus) place.querySelector(focus)?.focus({ preventScroll: true });
  };
}

function whereIs(place, element) {
  if (element.id) return `#${CSS.escape(element.id)}`;
  const address = element.getAttribute("href");
  if (address) return `[href="${CSS.escape(address)}"]`;
  const action = element.form?.getAttribute("action");
  if (action) return `form[action="${CSS.escape(action)}"] button`;
  const labelled = element.getAttribute("aria-labelledby");
  return labelled ? `[aria-labelledby="${CSS.escape(labelled)}"]` : null;
}

let announcedAt = 0;

function announce() {
  const status = document.querySelector("[data-live-status]");
  if (!status || Date.now() - announcedAt < 20_000) return;
  announcedAt = Date.now();
  status.textContent = "";
  window.setTimeout(() => { status.textContent = status.dataset.liveStatus; }, 100);
}

// --- hearing of changes -------------------------------------------------------------------------

let socket = null;
let isReady = false;
let tries = 0;
let last = "";
let newest = "";
let retry = 0;
let hiddenSince = 0;

function isConnected() {
  return isReady;
}

function socketAddress() {
  const place = document.body.dataset.liveSocket;
  if (!place || !window.WebSocket) return "";
  const scheme = window.location.protocol === "https:" ? "wss:" : "ws:";
  const host = place.startsWith(":") ? window.location.hostname : window.location.host;
  const pass = document.querySelector("[data-live-pass]")?.dataset.livePass;
  return `${scheme}//${host}${place}${pass ? `?pass=${encodeURIComponent(pass)}` : ""}`;
}

function connect() {
  const address = socketAddress();
  const topics = [...new Set(sources.flatMap((source) => source.topics))].slice(0, MOST_TOPICS);
  if (!address || topics.length === 0 || socket || sources.every((source) => source.isOver)) return;
  // What changed between the drawing of the page and now was told already.
  last ||= document.body.dataset.liveSince || "";
  socket = new WebSocket(address);
  socket.addEventListener("open", () => socket.send(JSON.stringify(last ? { topics, last } : { topics })));
  socket.addEventListener("message", ({ data }) => hear(JSON.parse(data)));
  socket.addEventListener("close", ({ code }) => {
    socket = null;
    isReady = false;
    if (hiddenSince || sources.every((source) => source.isOver)) return;
    if (FOR_GOOD.includes(code)) {
      // Why, its own address says.
      sources.forEach((source) => { source.isNew = true; });
      return;
    }
    tries += 1;
    const seconds = Math.min(2 ** tries, LONGEST_WAIT) * (0.5 + Math.random());
    retry = window.setTimeout(connect, seconds * 1000);
  });
}

function hear(told) {
  if (told.ready) {
    isReady = true;
    tries = 0;
    newest = told.ready;
    last ||= newest;
  } else if (told.reload) {
    last = newest;
    sources.forEach((source) => { source.isNew = true; });
  } else if (told.id) {
    last = told.id;
    sources.forEach((source) => {
      if (source.topics.includes(told.topic)) source.isNew = true;
    });
  }
}

// A page that nobody looks at asks nothing, and after a while hears nothing; it catches up.
function onVisibility() {
  window.clearTimeout(retry);
  if (document.hidden) {
    retry = window.setTimeout(() => {
      hiddenSince = Date.now();
      socket?.close();
    }, HIDDEN_MS);
    return;
  }
  hiddenSince = 0;
  if (!socket) connect();
}

if (sources.length > 0) {
  window.setInterval(look, 250);
  document.addEventListener("visibilitychange", onVisibility);
  document.addEventListener("focusout", () => window.setTimeout(putWaiting, 50));
  connect();
}
