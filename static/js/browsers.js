// Notices in this browser: its permission is asked for only when its person taps the button.

const form = document.querySelector("[data-browser-add]");
const error = form?.querySelector("[data-browser-error]");

const toBytes = (text) => {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
};

const digestOf = async (text) => {
  const raw = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(raw)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
};

const sameKey = (subscription) => {
  const used = new Uint8Array(subscription.options.applicationServerKey ?? []);
  return String(used) === String(toBytes(form.dataset.key));
};

async function add(event) {
  event.preventDefault();
  error.textContent = "";
  if ((await Notification.requestPermission()) !== "granted") {
    error.textContent = form.dataset.refused;
    return;
  }
  try {
    const { pushManager } = await navigator.serviceWorker.ready;
    const known = await pushManager.getSubscription();
    // Made under another key of the lab's: no message would come through.
    if (known && !sameKey(known)) await known.unsubscribe();
    const subscription = await pushManager.subscribe({
      userVisibleOnly: true,
      applicationServerKey: toBytes(form.dataset.key),
    });
    await tell(subscription);
    window.location.reload();
  } catch (problem) {
    error.textContent = problem.said ?? form.dataset.failed;
  }
}

async function tell(subscription) {
  const answer = await fetch(form.dataset.address, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "X-CSRFToken": form.elements.csrfmiddlewaretoken.value,
    },
    body: JSON.stringify(subscription),
  });
  if (answer.ok) return;
  await subscription.unsubscribe();
  const { errors } = await answer.json();
  throw Object.assign(new Error(answer.status), { said: errors?.[0]?.detail });
}

async function begin() {
  if (!navigator.serviceWorker || !window.PushManager || !window.Notification) return;
  const { pushManager } = await navigator.serviceWorker.ready;
  const known = await pushManager.getSubscription();
  const digest = known ? await digestOf(known.endpoint) : "";
  // What was removed from the list can be added again, whatever the browser remembers.
  const isHere = Boolean(digest) && Boolean(document.querySelector(`[data-browser="${digest}"]`));
  document.querySelector("[data-browser-without]").hidden = true;
  document.querySelector("[data-browser-here]").hidden = !isHere;
  form.hidden = isHere;
  form.addEventListener("submit", add);
}

if (form) begin();
