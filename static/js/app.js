// Small conveniences on pages that work without them.

import { isChanged } from "./forms.js";

const typing = (target) => target.closest("input, textarea, select, [contenteditable]");

// Keys: / search, n new booking, t today; a page names others by data-key.
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const wanted = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!wanted) return;
  event.preventDefault();
  if (wanted.matches("input")) wanted.focus();
  else wanted.click();
});

// An open menu closes when the focus or the pointer goes elsewhere.
document.addEventListener("click", (event) => {
  document.querySelectorAll("details.menu[open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
});

// On a phone the tab that one is on may lie beyond the edge.
const tab = document.querySelector(".mine [aria-current]");
if (tab) tab.closest(".mine").scrollLeft = tab.offsetLeft - 24;

// Filters send themselves; their button stays for everybody else.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-autosubmit]")) event.target.form.requestSubmit();
});

// Native dialogs: data-dialog-open="id" opens, form method="dialog" closes.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog-open]");
  const dialog = opener && document.getElementById(opener.dataset.dialogOpen);
  if (!dialog?.showModal) return;
  event.preventDefault();
  dialog.showModal();
});

// Only one form of a page is sent: ask before what was typed into another is lost.
document.addEventListener("submit", (event) => {
  const others = [...document.querySelectorAll('main form[method="post"]')];
  const isLost = others.some((form) => form !== event.target && isChanged(form));
  if (isLost && !window.confirm(document.body.dataset.unsaved)) event.preventDefault();
});

// Whoever works by keyboard goes on where the lab has answered, not at the top of the page.
const KEYS = "by-keyboard";
document.addEventListener("keydown", () => sessionStorage.setItem(KEYS, "1"));
document.addEventListener("pointerdown", () => sessionStorage.removeItem(KEYS));
const answer = document.querySelector("main :is(.messages:not(:empty), [role=alert])");
if (answer && sessionStorage.getItem(KEYS) && document.activeElement === document.body) {
  answer.tabIndex = -1;
  answer.focus();
}

// A form is sent once.
document.addEventListener("submit", (event) => {
  if (event.target.method !== "post" || event.defaultPrevented) return;
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "1";
  window.setTimeout(() => { delete event.target.dataset.sent; }, 4000);
});
