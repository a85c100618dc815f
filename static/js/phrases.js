// Ready sentences put into a text box at the place of the cursor; after them one goes on typing.

document.querySelectorAll("[data-phrases-for]").forEach((box) => {
  const text = document.getElementById(box.dataset.phrasesFor);
  if (!text) return;
  box.hidden = false;
  box.addEventListener("click", (event) => {
    const button = event.target.closest("[data-phrase]");
    if (!button) return;
    const before = text.value.slice(0, text.selectionStart).trimEnd();
    const after = text.value.slice(text.selectionEnd).trimStart();
    text.value = [before, button.textContent.trim(), after].filter(Boolean).join(" ");
    text.focus();
  });
});
