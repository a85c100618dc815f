// The text of a result is edited as it looks. The textarea stays what is sent; without script one edits its HTML.

const COMMANDS = [
  ["bold", "Đậm"],
  ["italic", "Nghiêng"],
  ["insertUnorderedList", "Danh sách"],
  ["undo", "Hoàn tác"],
];

document.querySelectorAll("textarea[data-editor]").forEach((source) => {
  const label = document.querySelector(`label[for="${source.id}"]`);
  const sheet = document.createElement("div");
  sheet.className = "paper-page editor";
  sheet.contentEditable = "true";
  sheet.setAttribute("role", "textbox");
  sheet.setAttribute("aria-multiline", "true");
  sheet.setAttribute("aria-label", label?.textContent.trim() ?? "Nội dung");
  // Parsed without running anything: scripts and handlers of a parsed document stay dead, the server cleans again.
  const parsed = new DOMParser().parseFromString(source.value, "text/html");
  parsed.querySelectorAll("script,style,iframe,object,embed,link,img,form").forEach((node) => node.remove());
  parsed.querySelectorAll("*").forEach((node) =>
    [...node.attributes].forEach((one) => ["class", "colspan", "rowspan"].includes(one.name) || node.removeAttribute(one.name)),
  );
  sheet.append(...parsed.body.childNodes);
  const bar = document.createElement("div");
  bar.className = "btns editor-bar";
  COMMANDS.forEach(([command, words]) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-secondary";
    button.textContent = words;
    button.addEventListener("mousedown", (event) => event.preventDefault());
    button.addEventListener("click", () => {
      sheet.focus();
      document.execCommand(command);
    });
    bar.append(button);
  });
  source.before(bar, sheet);
  source.hidden = true;
  label?.removeAttribute("for");
  source.form.addEventListener("submit", () => (source.value = sheet.innerHTML), true);
});
