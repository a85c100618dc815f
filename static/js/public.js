// Comforts of every page. Nothing here is needed: without it the same pages work by plain links and forms.

// The error summary takes the focus.
document.querySelector("[data-focus]")?.focus();

// A link of the summary leads to a field: put the cursor into it.
document.querySelectorAll(".error-summary a").forEach((link) =>
  link.addEventListener("click", () => {
    const target = document.getElementById(link.hash.slice(1));
    (target?.querySelector("input,select,textarea") ?? target)?.focus();
  }),
);

// Copy a code.
document.querySelectorAll("[data-copy-line]").forEach((line) => (line.hidden = !navigator.clipboard));
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = document.querySelector(button.dataset.copy);
  await navigator.clipboard.writeText(source.textContent.trim());
  const said = button.parentElement.querySelector("[data-copy-said]");
  if (said) said.textContent = "Đã sao chép.";
});

// Confirmations go after six seconds, or when closed; not while they are read with pointer or keyboard.
document.querySelectorAll("[data-toast]").forEach((toast) => {
  const close = document.createElement("button");
  close.type = "button";
  close.className = "toast-close";
  close.textContent = "×";
  close.setAttribute("aria-label", "Đóng thông báo");
  close.addEventListener("click", () => toast.remove());
  toast.append(close);
  const leave = () => (toast.matches(":hover,:focus-within") ? setTimeout(leave, 3000) : toast.remove());
  if (toast.dataset.toast !== "stay") setTimeout(leave, 6000);
});

// A form that must be sent once: later presses are swallowed, coming back by «Back» opens it again.
// A disabled button would not be sent with the form, so it only says that it waits.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]") || event.defaultPrevented) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "1";
  const button = event.submitter;
  if (!button) return;
  button.dataset.words = button.innerHTML;
  button.classList.add("is-sent");
  button.textContent = form.dataset.once || "Đã gửi, đang chờ…";
});
addEventListener("pageshow", () =>
  document.querySelectorAll("form[data-sent]").forEach((form) => {
    delete form.dataset.sent;
    form.querySelectorAll(".is-sent[data-words]").forEach((button) => {
      button.innerHTML = button.dataset.words;
      button.classList.remove("is-sent");
    });
  }),
);

// Menus close on Escape and on a press elsewhere.
const menus = () => document.querySelectorAll("details.menu[open]");
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  menus().forEach((menu) => {
    menu.open = false;
    menu.querySelector("summary").focus();
  });
});
document.addEventListener("click", (event) =>
  menus().forEach((menu) => menu.contains(event.target) || (menu.open = false)),
);

// Uploads: say what was chosen, take what is dropped.
const size = (bytes) =>
  bytes < 1048576
    ? `${Math.max(1, Math.round(bytes / 1024))} KB`
    : `${(bytes / 1048576).toFixed(1).replace(".", ",")} MB`;

document.querySelectorAll("[data-upload]").forEach((box) => {
  const chosen = box.querySelector("[data-upload-chosen]");
  const inputs = [...box.querySelectorAll("input[type=file]")];
  const show = (input) => {
    inputs.forEach((other) => other !== input && (other.value = ""));
    chosen.replaceChildren(
      ...[...input.files].map((file) => {
        const line = document.createElement("div");
        line.className = "file";
        if (file.type.startsWith("image/")) {
          const thumb = document.createElement("span");
          thumb.className = "file-thumb";
          const image = document.createElement("img");
          image.alt = "";
          image.src = URL.createObjectURL(file);
          image.addEventListener("load", () => URL.revokeObjectURL(image.src));
          thumb.append(image);
          line.append(thumb);
        }
        const words = document.createElement("div");
        const name = document.createElement("b");
        name.textContent = file.name;
        const meta = document.createElement("span");
        meta.className = "meta";
        meta.textContent = `${size(file.size)} · sẽ gửi khi bấm nút dưới cùng`;
        words.append(name, meta);
        line.append(words);
        return line;
      }),
    );
  };
  inputs.forEach((input) => input.addEventListener("change", () => show(input)));
  box.querySelector("[data-upload-drag]")?.removeAttribute("hidden");
  const target = inputs[inputs.length - 1];
  box.addEventListener("dragover", (event) => {
    event.preventDefault();
    box.classList.add("is-over");
  });
  box.addEventListener("dragleave", () => box.classList.remove("is-over"));
  box.addEventListener("drop", (event) => {
    event.preventDefault();
    box.classList.remove("is-over");
    target.files = event.dataTransfer.files;
    show(target);
  });
});

// A link or button with data-dialog="#id" opens that <dialog>; without it the link leads to a page.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  const dialog = opener && document.querySelector(opener.dataset.dialog);
  if (dialog?.showModal) {
    event.preventDefault();
    dialog.showModal();
    dialog.addEventListener("close", () => opener.focus(), { once: true });
  }
  if (event.target.closest("[data-dialog-close]")) {
    event.preventDefault();
    event.target.closest("dialog").close();
  }
});
