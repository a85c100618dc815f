// The text of a paper is edited as it looks. The textarea stays what is sent; without script one edits its HTML.

const COMMANDS = [
  ["Đậm", () => document.execCommand("bold")],
  ["Nghiêng", () => document.execCommand("italic")],
  ["Danh sách", () => document.execCommand("insertUnorderedList")],
  ["Hoàn tác", () => document.execCommand("undo")],
];
// For official documents (data-editor="full").
const MORE = [
  ["Đề mục giữa", () => block("h2")],
  ["Đề mục", () => block("h3")],
  ["Đoạn văn", () => block("p")],
  ["Điều…", (sheet) => article(sheet)],
  ["Danh sách số", () => document.execCommand("insertOrderedList")],
  ["Bảng", () => table()],
];
const KEPT = new Set(["P", "BR", "B", "STRONG", "I", "EM", "U", "UL", "OL", "LI", "TABLE", "THEAD", "TBODY", "TR", "TH", "TD", "H2", "H3", "SUB", "SUP"]); // prettier-ignore
const HEADINGS = new Set(["H1", "H4", "H5", "H6"]);
const GONE = "script,style,iframe,object,embed,link,meta,title,img,form,svg,xml";

const block = (name) => document.execCommand("formatBlock", false, `<${name}>`);

// The next «Điều n.» in bold.
function article(sheet) {
  const numbers = [...sheet.textContent.matchAll(/Điều\s+(\d+)\./g)].map((hit) => Number(hit[1]));
  const next = numbers.length ? Math.max(...numbers) + 1 : 1;
  document.execCommand("insertHTML", false, `<p><b>Điều ${next}.</b> …</p>`);
}

function table() {
  const row = "<tr><td>…</td><td>…</td><td>…</td></tr>";
  document.execCommand("insertHTML", false, `<table><tbody>${row}${row}</tbody></table><p>…</p>`);
}

// Parsed without running anything: scripts and handlers of a parsed document stay dead, the server cleans again.
function cleaned(html) {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  parsed.querySelectorAll(GONE).forEach((node) => node.remove());
  parsed.querySelectorAll("*").forEach((node) =>
    [...node.attributes].forEach((one) => ["class", "colspan", "rowspan"].includes(one.name) || node.removeAttribute(one.name)),
  );
  return parsed.body;
}

// Word and web pages bring spans, fonts and list marks of their own: only plain parts come in.
function pasted(html) {
  // The page's own policy complains about every style attribute that is parsed, so they get another name first.
  const named = html.replace(/<o:p>[\s\S]*?<\/o:p>/g, "").replace(/\sstyle\s*=/gi, " data-look=");
  const parsed = new DOMParser().parseFromString(named, "text/html");
  parsed.querySelectorAll(GONE).forEach((node) => node.remove());
  [...parsed.body.querySelectorAll("*")].reverse().forEach((node) => {
    const style = node.getAttribute("data-look") ?? "";
    const centre = /text-align:\s*center/.test(style) || node.getAttribute("align") === "center";
    let name = HEADINGS.has(node.nodeName) ? "h3" : node.nodeName.toLowerCase();
    if (node.nodeName === "DIV") name = node.querySelector("p,div,table,ul,ol,h2,h3") ? "" : "p";
    if (node.nodeName === "SPAN" && /font-weight:\s*(bold|[6-9]00)/.test(style)) name = "b";
    if (node.nodeName === "SPAN" && /font-style:\s*italic/.test(style)) name = "i";
    if (!KEPT.has(name.toUpperCase())) return node.replaceWith(...node.childNodes);
    const plain = parsed.createElement(name);
    ["colspan", "rowspan"].forEach((one) => node.hasAttribute(one) && plain.setAttribute(one, node.getAttribute(one)));
    if (centre && name === "p") plain.className = "centre";
    plain.append(...node.childNodes);
    node.replaceWith(plain);
  });
  return parsed.body.innerHTML.replace(/(\u00a0|&nbsp;)+/g, " ");
}

document.querySelectorAll("textarea[data-editor]").forEach((source) => {
  const label = document.querySelector(`label[for="${source.id}"]`);
  const isFull = source.dataset.editor === "full";
  const sheet = document.createElement("div");
  sheet.className = "paper-page editor";
  sheet.contentEditable = "true";
  sheet.setAttribute("role", "textbox");
  sheet.setAttribute("aria-multiline", "true");
  sheet.setAttribute("aria-label", label?.textContent.trim() ?? "Nội dung");
  sheet.append(...cleaned(source.value).childNodes);
  const bar = document.createElement("div");
  bar.className = "btns editor-bar";
  bar.setAttribute("role", "group");
  bar.setAttribute("aria-label", "Trình bày");
  [...COMMANDS.slice(0, 2), ...(isFull ? MORE : []), ...COMMANDS.slice(2)].forEach(([words, act]) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-secondary";
    button.textContent = words;
    button.addEventListener("mousedown", (event) => event.preventDefault());
    button.addEventListener("click", () => {
      sheet.focus();
      act(sheet);
    });
    bar.append(button);
  });
  sheet.addEventListener("paste", (event) => {
    const html = event.clipboardData?.getData("text/html");
    if (!isFull || !html) return;
    event.preventDefault();
    document.execCommand("insertHTML", false, pasted(html));
  });
  document.execCommand("defaultParagraphSeparator", false, "p");
  source.before(bar, sheet);
  source.hidden = true;
  label?.removeAttribute("for");
  const keep = () => (source.value = sheet.innerHTML);
  source.form.addEventListener("submit", keep, true);
  // A part of the form that posts itself (recipients) carries the text along.
  source.form.addEventListener("htmx:configRequest", (event) => event.detail.parameters.delete?.(source.name));
  sheet.addEventListener("blur", keep);
});
