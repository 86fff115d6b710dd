// The inbox by keyboard: j next, k previous, a approve, r reject, x choose. Without it the same
// buttons are there for everybody.

// Asked anew each time: the list moves by itself.
const items = () => [...document.querySelectorAll("[data-inbox-item]")];
const typing = (target) => target.closest("input:not([type=checkbox]), textarea, select");

function showHint() {
  document.querySelectorAll("[data-inbox-hint]").forEach((hint) => {
    hint.hidden = items().length === 0;
  });
}

showHint();
document.addEventListener("live:swapped", showHint);

function current() {
  return items().find((item) => item.contains(document.activeElement));
}

function move(step) {
  const all = items();
  const at = all.indexOf(current());
  const next = at < 0 ? all[0] : all[Math.min(Math.max(at + step, 0), all.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

function reject(item) {
  const details = item.querySelector("[data-inbox-reject]");
  details.open = true;
  details.querySelector("input[name=reason]").focus();
}

const acts = {
  j: () => move(1),
  k: () => move(-1),
  a: () => current()?.querySelector("[data-inbox-approve]").click(),
  r: () => current() && reject(current()),
  x: () => current()?.querySelector("input[type=checkbox]").click(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const act = acts[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});
