// A session ends on the server. This says so in time, and keeps what was typed until its person
// is back. Without it, a form that comes too late waits on the server.

const box = document.getElementById("session-end");
const PLACE = `draft ${location.pathname}`;
const HOUR = 3600_000;
const KEPT = "input:not([type=password]):not([type=hidden]):not([type=file]), textarea, select";

const forms = () => [...document.querySelectorAll("main form[method=post]")];

const fieldsOf = (form) =>
  [...form.querySelectorAll(KEPT)].filter((field) => field.name && field.autocomplete !== "one-time-code");

function keepDraft() {
  const typed = forms().map((form) =>
    fieldsOf(form).map((field) => [field.name, field.value, field.checked ?? null]));
  const draft = { person: box.dataset.person, at: Date.now(), typed };
  sessionStorage.setItem(PLACE, JSON.stringify(draft));
}

function fill(field, [name, value, checked]) {
  if (field.name !== name) return false;
  if (checked !== null && ["checkbox", "radio"].includes(field.type)) {
    if (field.checked === checked) return false;
    field.checked = checked;
  } else {
    if (field.value === value) return false;
    field.value = value;
  }
  field.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

// Only for the person who typed it, and not a day later.
function bringBack() {
  const draft = JSON.parse(sessionStorage.getItem(PLACE) ?? "null");
  sessionStorage.removeItem(PLACE);
  if (draft?.person !== box.dataset.person || Date.now() - draft.at > HOUR) return;
  const changed = forms().flatMap((form, number) =>
    fieldsOf(form).filter((field, place) => fill(field, draft.typed[number]?.[place] ?? [])));
  if (!changed.length) return;
  const note = document.getElementById("draft-back");
  note.hidden = false;
  document.getElementById("main").prepend(note);
  changed[0].focus();
}

function show(what) {
  for (const part of box.querySelectorAll("[data-while]")) part.hidden = part.dataset.while !== what;
  if (!box.open) box.showModal();
}

let timer = 0;
let askAt = 0;

function wait(seconds) {
  window.clearTimeout(timer);
  askAt = Date.now() + seconds * 1000;
  // Longer waits than a timer can hold are asked for again.
  timer = window.setTimeout(ask, Math.min(seconds, 86_400) * 1000);
}

// Another tab may have used the session meanwhile: the server knows.
function heard(seconds) {
  const warn = Number(box.dataset.warn);
  if (seconds > warn) {
    if (box.open) box.close();
    wait(seconds - warn);
  } else if (seconds > 0) {
    show("warned");
    wait(seconds + 1);
  } else {
    window.clearTimeout(timer);
    box.querySelector("a").href = `${box.dataset.login}?next=${encodeURIComponent(location.pathname + location.search)}`;
    show("ended");
  }
}

async function told(address, options = {}) {
  try {
    const answer = await fetch(address, { headers: { Accept: "application/json" }, ...options });
    if (!answer.ok) return wait(60);
    // Anything else is the login page: nobody is logged in.
    const json = answer.headers.get("Content-Type")?.startsWith("application/json");
    heard(json ? (await answer.json()).seconds : 0);
  } catch {
    // No connection: nothing is known of the session.
    wait(60);
  }
}

const ask = () => told(box.dataset.ask);

box.querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  told(event.target.action, { method: "POST", body: new FormData(event.target) });
});
box.addEventListener("cancel", (event) => event.preventDefault());
box.querySelector("a").addEventListener("click", keepDraft);
document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.detail.xhr.getResponseHeader("HX-Redirect")?.startsWith(box.dataset.login)) keepDraft();
});
// A computer that slept: its timers did too.
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && Date.now() >= askAt) ask();
});

bringBack();
wait(Math.max(0, Number(box.dataset.left) - Number(box.dataset.warn)));
