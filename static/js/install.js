// Has the service worker installed, and asks it to send what was kept and to look for news.
// Pages work without it.

const untouched = () =>
  [...document.querySelectorAll("main :is(input:not([type=hidden]), textarea)")].every(
    (field) => field.value === field.defaultValue && field.checked === field.defaultChecked);

// Whose page this is: the frame of a visitor's has no such part.
const person = document.getElementById("session-end")?.dataset.person ?? "";

async function install() {
  await navigator.serviceWorker.register("/service-worker.js", { updateViaCache: "none" });
  const look = async () => {
    const { active } = await navigator.serviceWorker.ready;
    active.postMessage({ ask: "look", person });
  };
  // What was done without a network is done now: the page as it is then, with what is said of it.
  navigator.serviceWorker.addEventListener("message", ({ data }) => {
    if (data.told && untouched()) window.location.reload();
  });
  window.addEventListener("online", look);
  await look();
}

// Where a browser refuses it, in a private window say, everything else goes on.
if (navigator.serviceWorker) install().catch(() => null);
