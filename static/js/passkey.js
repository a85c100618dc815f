// Passkeys: fetches a challenge from the page, lets the device answer it, and posts the answer as a plain form.
// A form says what it wants: data-passkey="create" (a new key), "get" (prove one), "login" (any key of this device).

const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");

const WHY = {
  NotAllowedError: "Chưa dùng được khóa: cửa sổ của máy đã đóng hoặc quá thời gian chờ. Bấm lại để thử.",
  InvalidStateError: "Khóa này đã có trong tài khoản.",
  SecurityError: "Địa chỉ đang mở không dùng được khóa truy cập: cần tên miền và kết nối https.",
  NotSupportedError: "Máy này không tạo được loại khóa đã chọn.",
};

const ids = (keys) => keys?.map((key) => ({ ...key, id: bytes(key.id) }));

async function created(options, form) {
  const wanted = structuredClone(options.publicKey);
  const alone = form.querySelector('[name="passwordless"]')?.checked ?? false;
  const choice = (wanted.authenticatorSelection ??= {});
  choice.residentKey = alone ? "required" : "discouraged";
  choice.requireResidentKey = alone;
  if (alone) choice.userVerification = "required";
  wanted.challenge = bytes(wanted.challenge);
  wanted.user.id = bytes(wanted.user.id);
  wanted.excludeCredentials = ids(wanted.excludeCredentials);
  const key = await navigator.credentials.create({ publicKey: wanted });
  return answer(key, {
    attestationObject: text(key.response.attestationObject),
    transports: key.response.getTransports?.() ?? [],
  });
}

async function proved(options) {
  const wanted = structuredClone(options.publicKey);
  wanted.challenge = bytes(wanted.challenge);
  wanted.allowCredentials = ids(wanted.allowCredentials);
  const key = await navigator.credentials.get({ publicKey: wanted });
  return answer(key, {
    authenticatorData: text(key.response.authenticatorData),
    signature: text(key.response.signature),
    ...(key.response.userHandle ? { userHandle: text(key.response.userHandle) } : {}),
  });
}

const answer = (key, response) => ({
  id: key.id,
  rawId: text(key.rawId),
  type: key.type,
  clientExtensionResults: key.getClientExtensionResults(),
  response: { clientDataJSON: text(key.response.clientDataJSON), ...response },
});

async function challenge(form) {
  if (form.dataset.passkey !== "login") {
    const given = JSON.parse(document.getElementById(form.dataset.options).textContent);
    return given.creation_options ?? given.request_options;
  }
  const reply = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!reply.ok) throw new DOMException("", "NetworkError");
  return (await reply.json()).request_options;
}

document.querySelectorAll("form[data-passkey]").forEach((form) => {
  const said = form.querySelector("[data-passkey-said]");
  if (!window.PublicKeyCredential) {
    said.textContent = "Trình duyệt này không dùng được khóa truy cập.";
    return;
  }
  form.querySelectorAll("[data-needs-script]").forEach((part) => (part.hidden = false));
  form.querySelectorAll("[data-without-script]").forEach((part) => (part.hidden = true));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    said.textContent = "Làm theo hướng dẫn của máy…";
    try {
      const options = await challenge(form);
      const given = form.dataset.passkey === "create" ? await created(options, form) : await proved(options);
      form.querySelector('[name="credential"]').value = JSON.stringify(given);
      form.submit();
    } catch (error) {
      said.textContent = WHY[error.name] ?? "Chưa dùng được khóa vì mất kết nối. Bấm lại để thử.";
    }
  });
});
