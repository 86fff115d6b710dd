// A display for weeks: it shows one screenful after the other, and begins anew every night, so that
// it follows what the site has become. All that it needs to be right comes by live.js.

const TURN_MS = 15_000;
const NIGHT_HOUR = 4;
const AGAIN_MS = 600_000;

const pause = document.querySelector("[data-wall-pause]");
const counter = document.querySelector("[data-wall-count]");
let at = 0;
let isPaused = false;

function show() {
  const screens = [...document.querySelectorAll("[data-wall-screen]")];
  const isSeveral = screens.length > 1;
  at %= Math.max(screens.length, 1);
  screens.forEach((screen, n) => { screen.hidden = n !== at; });
  counter.textContent = isSeveral ? `${at + 1} / ${screens.length}` : "";
  pause.hidden = !isSeveral;
}

pause.addEventListener("click", () => {
  isPaused = !isPaused;
  pause.setAttribute("aria-pressed", String(isPaused));
});

window.setInterval(() => {
  if (isPaused) return;
  at += 1;
  show();
}, TURN_MS);

// What came anew shows all screens: only one of them stays.
document.addEventListener("live:swapped", show);

function untilNight() {
  const night = new Date();
  night.setHours(NIGHT_HOUR, Math.floor(Math.random() * 60), 0, 0);
  if (night <= new Date()) night.setDate(night.getDate() + 1);
  return night - new Date();
}

// Only while the lab answers: an error page would stay for ever. One that was taken down shall stay.
async function beginAnew() {
  const answer = await fetch(window.location.href, { cache: "no-store" }).catch(() => null);
  if (answer?.ok || answer?.status === 410) window.location.reload();
  else window.setTimeout(beginAnew, AGAIN_MS);
}

window.setTimeout(beginAnew, untilNight());
show();
