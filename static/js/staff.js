// The keyboard of lists, and counts of marked rows. Off while typing; off for good with localStorage hp-keys = "off".

const typing = (element) => element.closest("input:not([type=checkbox]),textarea,select,[contenteditable]");
const rows = () => [...document.querySelectorAll("[data-row]")].filter((row) => row.offsetParent);
const link = (row) => (row.matches("a") ? row : row.querySelector("a"));
let at = -1;

function go(step) {
  const list = rows();
  if (!list.length) return;
  const held = list.findIndex((row) => row.contains(document.activeElement));
  at = Math.min(list.length - 1, Math.max(0, (held >= 0 ? held : at) + step));
  list.forEach((row, index) => row.classList.toggle("is-selected", index === at));
  (link(list[at]) ?? list[at]).focus();
  list[at].scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (localStorage.getItem("hp-keys") === "off" || document.querySelector("dialog[open]")) return;
  const key = event.key.toLowerCase();
  if (key === "j") go(1);
  else if (key === "k") go(-1);
  else if (key === "x") rows()[at]?.querySelector("input[type=checkbox]")?.click();
  else if (key === "enter" && event.target === document.body) link(rows()[at] ?? document.body)?.click();
  else if (key === "/") document.querySelector("[data-key-search]")?.focus();
  else if (key === "?") document.querySelector("#keys-help")?.showModal();
  else return;
  if (key !== "enter") event.preventDefault();
});

// «Đã chọn 6 trên 9»: a box for all, a count, and buttons that name the number.
document.querySelectorAll("[data-marks]").forEach((list) => {
  const boxes = [...list.querySelectorAll("input[type=checkbox][name]")];
  const all = list.querySelector("[data-mark-all]");
  const tell = () => {
    const count = boxes.filter((box) => box.checked).length;
    document.querySelectorAll("[data-mark-count]").forEach((place) => (place.textContent = String(count)));
    document.querySelectorAll("[data-mark-words]").forEach((place) => {
      place.dataset.none ??= place.textContent;
      place.textContent = count ? place.dataset.markWords.replace("#", String(count)) : place.dataset.none;
    });
    if (all) {
      all.checked = count === boxes.length && count > 0;
      all.indeterminate = count > 0 && count < boxes.length;
    }
  };
  all?.addEventListener("change", () => {
    boxes.forEach((box) => (box.checked = all.checked));
    tell();
  });
  list.addEventListener("change", tell);
  tell();
});

// A form with data-autosend sends itself when a choice in it changes (its button stays for those without script).
document.querySelectorAll("form[data-autosend]").forEach((form) =>
  form.addEventListener("change", () => form.requestSubmit()),
);
