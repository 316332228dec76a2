// Passkeys: what the server asks is in the form's data, what the browser answers goes into its hidden field.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const known = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

async function create(asked) {
  const options = { ...asked, challenge: bytes(asked.challenge), user: { ...asked.user, id: bytes(asked.user.id) } };
  options.excludeCredentials = known(asked.excludeCredentials);
  const made = await navigator.credentials.create({ publicKey: options });
  const { clientDataJSON, attestationObject } = made.response;
  return { id: text(made.rawId), client_data: text(clientDataJSON), attestation: text(attestationObject) };
}

async function prove(asked) {
  const options = { ...asked, challenge: bytes(asked.challenge), allowCredentials: known(asked.allowCredentials) };
  const proof = await navigator.credentials.get({ publicKey: options });
  const { clientDataJSON, authenticatorData, signature } = proof.response;
  return {
    id: text(proof.rawId),
    client_data: text(clientDataJSON),
    authenticator_data: text(authenticatorData),
    signature: text(signature),
  };
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const button = form.querySelector("[data-ask]");
  const sorry = form.querySelector("[data-sorry]");
  if (!window.PublicKeyCredential || !button) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    if (!form.reportValidity()) return;
    sorry.hidden = true;
    button.disabled = true;
    try {
      const ask = form.dataset.passkey === "create" ? create : prove;
      form.elements.passkey.value = JSON.stringify(await ask(JSON.parse(form.dataset.options)));
      form.submit();
    } catch {
      sorry.hidden = false;
      button.disabled = false;
    }
  });
}
