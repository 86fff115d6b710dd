// Passkeys: a form with data-passkey gets the answer of the browser into a hidden field and is sent.
// Also the two buttons beside secrets that are shown once: copy and print.

const toBytes = (text) => {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
};

const toText = (buffer) => {
  const letters = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte));
  return btoa(letters.join("")).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
};

const withBytes = (descriptors) =>
  (descriptors ?? []).map((each) => ({ ...each, id: toBytes(each.id) }));

const readOptions = (options) => ({
  ...options,
  challenge: toBytes(options.challenge),
  ...(options.user && { user: { ...options.user, id: toBytes(options.user.id) } }),
  ...(options.allowCredentials && { allowCredentials: withBytes(options.allowCredentials) }),
  ...(options.excludeCredentials && { excludeCredentials: withBytes(options.excludeCredentials) }),
});

const writeAnswer = (credential) => {
  const given = credential.response;
  const response = { clientDataJSON: toText(given.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (given[name]) response[name] = toText(given[name]);
  }
  if (given.getTransports) response.transports = given.getTransports();
  const id = toText(credential.rawId);
  return JSON.stringify({ id, rawId: id, type: credential.type, response });
};

const fetchOptions = async (form) => {
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const answer = await fetch(form.dataset.passkeyOptions, {
    method: "POST",
    headers: { "X-CSRFToken": token },
    credentials: "same-origin",
    redirect: "error",
  });
  if (!answer.ok) throw new Error(`options: ${answer.status}`);
  return readOptions(await answer.json());
};

const say = (form, text) => {
  const place = form.querySelector("[data-passkey-error]");
  place.textContent = text;
  place.hidden = !text;
};

const reason = (form, error) => {
  if (error.name === "NotAllowedError" || error.name === "AbortError") {
    return form.dataset.passkeyRefused;
  }
  if (error.name === "InvalidStateError") return form.dataset.passkeyKnown;
  if (error.name === "SecurityError") return form.dataset.passkeyElsewhere;
  return form.dataset.passkeyFailed;
};

const go = async (form, button) => {
  if (!form.reportValidity()) return;
  say(form, "");
  button.disabled = true;
  try {
    const publicKey = await fetchOptions(form);
    const credential = form.dataset.passkey === "create"
      ? await navigator.credentials.create({ publicKey })
      : await navigator.credentials.get({ publicKey });
    form.elements[form.dataset.passkeyField].value = writeAnswer(credential);
    form.submit();
  } catch (error) {
    say(form, reason(form, error));
  } finally {
    button.disabled = false;
  }
};

document.querySelectorAll("form[data-passkey]").forEach((form) => {
  if (!window.PublicKeyCredential) return;
  const button = form.querySelector("[data-passkey-go]");
  if (!button) return;
  form.querySelector("[data-passkey-part]").hidden = false;
  form.querySelector("[data-passkey-without]").hidden = true;
  button.addEventListener("click", () => go(form, button));
  // Enter in the name's field means the button, too.
  if (form.dataset.passkey === "create") {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      go(form, button);
    });
  }
});

document.querySelectorAll("[data-copy]").forEach((button) => {
  if (!navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).innerText);
    const told = document.querySelector("[data-copied]");
    if (told) told.textContent = told.dataset.copied;
  });
});

document.querySelectorAll("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});
