// The list of commands (Ctrl+K): what has a key on this page, the places of the top bar, a case by its number.
(() => {
  "use strict";
  const dialog = document.getElementById("commands");
  if (!dialog) return;
  const field = dialog.querySelector("input");
  const list = dialog.querySelector("[role=listbox]");
  const SHOWN = 12;
  let options = [];
  let at = 0;
  let opener = null;

  const words = (element) => {
    const label = element.getAttribute("aria-label") || element.closest("label")?.textContent || element.placeholder ||
      [...element.childNodes].filter((node) => node.nodeName !== "KBD").map((node) => node.textContent).join(" ");
    const caps = [...(element.closest("label") || element).querySelectorAll("kbd")].map((cap) => cap.textContent);
    return caps.reduce((text, cap) => text.replace(new RegExp(`\\s*${cap.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}\\s*$`), ""), label.replace(/\s+/g, " ").trim());
  };

  const cap = (element) => (element.closest("label") || element).querySelector("kbd")?.textContent || "";

  const gather = () => {
    // Colours, language and the way out have a name for it and no key; a closed menu hides them from no one.
    const acts = [...document.querySelectorAll("[data-key], [data-command]")].filter(window.desk.usable);
    return acts.map((element) => ({ text: words(element), cap: cap(element), run: () => window.desk.act(element) })).filter((each) => each.text);
  };

  const open = () => {
    if (document.querySelector("dialog[open]")) return;
    opener = document.activeElement;
    options = gather();
    field.value = "";
    dialog.showModal();
    paint();
  };

  // Closed before it is run: what is run may look where the focus is.
  const run = (option) => {
    dialog.close();
    opener?.focus({ preventScroll: true });
    option?.run();
  };

  const matching = () => {
    const typed = field.value.trim().toLowerCase();
    const parts = typed.split(/\s+/);
    const found = options.filter(({ text }) => parts.every((part) => text.toLowerCase().includes(part)));
    const number = typed.match(/^(?:cr-?)?(\d+)$/);
    if (number && dialog.dataset.caseUrl) {
      const ref = `CR-${number[1]}`;
      found.unshift({ text: `${dialog.dataset.wordsCase} ${ref}`, cap: "", run: () => location.assign(dialog.dataset.caseUrl.replace("CR-0", ref)) });
    }
    if (typed && dialog.dataset.searchUrl) {
      const url = `${dialog.dataset.searchUrl}?q=${encodeURIComponent(field.value.trim())}`;
      found.push({ text: `${dialog.dataset.wordsSearch} “${field.value.trim()}”`, cap: "", run: () => location.assign(url) });
    }
    return found.slice(0, SHOWN);
  };

  const paint = () => {
    const found = matching();
    at = Math.min(at, Math.max(found.length - 1, 0));
    list.replaceChildren(...found.map((option, place) => {
      const item = document.createElement("li");
      item.id = `command-${place}`;
      item.role = "option";
      item.ariaSelected = String(place === at);
      item.append(option.text);
      if (option.cap) item.append(Object.assign(document.createElement("kbd"), { textContent: option.cap, ariaHidden: "true" }));
      item.addEventListener("click", () => run(option));
      return item;
    }));
    if (!found.length) list.append(Object.assign(document.createElement("li"), { textContent: dialog.dataset.wordsNone, className: "note", role: "option", ariaDisabled: "true" }));
    field.setAttribute("aria-activedescendant", found.length ? `command-${at}` : "");
    list.children[at]?.scrollIntoView({ block: "nearest" });
    return found;
  };

  field.addEventListener("input", () => { at = 0; paint(); });
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      at = Math.max(0, at + step);
      paint();
    } else if (event.key === "Enter") {
      event.preventDefault();
      const found = matching();
      if (found.length) run(found[at]);
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.code !== "KeyK" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    if (dialog.open) dialog.close();
    else open();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-commands]")) open();
    else if (event.target === dialog) dialog.close();
  });
})();
