// The page without a network: what one taps is kept by the service worker until there is one.

const worker = navigator.serviceWorker?.controller;
const rows = [...document.querySelectorAll("[data-booking]")];
const TICK = 5_000;
// One that is in use past its end still waits to be finished.
const FORGOTTEN = 12 * 3600_000;

const ask = (asked) => new Promise((resolve) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data }) => resolve(data ?? []);
  worker.postMessage(asked, [port2]);
});

// As their person writes the time: in their zone, with a morning and an afternoon or without.
const { clock: format = "", zone: timeZone } = document.querySelector("[data-clock]")?.dataset ?? {};
const written = { hour: "2-digit", minute: "2-digit", hour12: /a/i.test(format), timeZone };

const clock = (moment) =>
  new Date(moment).toLocaleTimeString(document.documentElement.lang, written);

const part = (row, name) => row.querySelector(`[data-part="${name}"]`);

function showRow(row, acts) {
  const now = Date.now();
  const { booking, status, from, until } = row.dataset;
  const last = acts.filter((each) => each.booking === booking).at(-1);
  const isUsed = last ? last.act === "check_in" : status === "checked_in";
  const isOpen = status === "confirmed" && Number(from) <= now && now < Number(until);
  row.hidden = !last && now >= Number(until) + (isUsed ? FORGOTTEN : 0);
  part(row, "check_in").hidden = Boolean(last) || !isOpen || "asksBefore" in row.dataset;
  part(row, "check_out").hidden = !isUsed || "asksAfter" in row.dataset;
  for (const name of ["kept_in", "kept_out"]) {
    const note = part(row, name);
    note.hidden = last?.act !== note.dataset.act;
    if (!note.hidden) note.querySelector("[data-time]").textContent = clock(last.done_at);
  }
  const back = part(row, "drop");
  back.hidden = !last;
  back.dataset.key = last?.key ?? "";
}

function show(acts) {
  rows.forEach((row) => showRow(row, acts));
  const none = document.querySelector("[data-none]");
  if (none) none.hidden = rows.some((row) => !row.hidden);
}

// Whether the lab answers; whoever opened this very page wants no other.
async function isThere() {
  const { alive, page } = document.body.dataset;
  if (window.location.pathname === page) return false;
  return fetch(alive, { cache: "no-store" }).then((answer) => answer.ok, () => false);
}

async function act(event) {
  const button = event.target.closest("button[data-part]");
  const row = button?.closest("[data-booking]");
  if (!row) return;
  const { key, part: name } = button.dataset;
  const asked = name === "drop"
    ? { ask: "drop", key }
    : { ask: "keep", booking: row.dataset.booking, act: name };
  show(await ask(asked));
  const said = row.querySelector("[data-part^=kept]:not([hidden])");
  said?.focus();
  if (navigator.onLine) worker.postMessage({ ask: "look" });
}

if (worker) {
  document.addEventListener("click", act);
  navigator.serviceWorker.addEventListener("message", ({ data }) => {
    if (data.told) window.location.reload();
  });
  // There again: what was kept is sent, and the page that was wanted comes. A network that is
  // said to be there may still take a while.
  const update = async () => {
    const acts = await ask({ ask: "acts" });
    show(acts);
    if (!navigator.onLine) return;
    if (acts.length) worker.postMessage({ ask: "look" });
    else if (await isThere()) window.location.reload();
  };
  window.addEventListener("online", update);
  window.setInterval(update, TICK);
  update();
}
document.querySelector("[data-again]")?.addEventListener("click", () => window.location.reload());
