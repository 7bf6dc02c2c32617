// What is half written in a form marked data-draft: kept by its reader, its address and its name (the value of the mark),
// so that a reload, another language, a claim that ended and was made again or a case given back lose nothing. Forgotten
// once the server accepted it, when it is emptied, and when its reader signs out. In sessionStorage, so for this tab only:
// what is written about a customer must not outlive the session.
(() => {
  "use strict";
  const PREFIX = "draft ";
  const SENT = "sent draft";
  const NOT_TYPED = ["hidden", "submit", "button", "file", "password", "fieldset"];
  const fresh = new WeakMap();
  const saved = new WeakSet();

  const kept = () => {
    try {
      return window.sessionStorage;
    } catch {
      // the browser keeps nothing for this site
      return null;
    }
  };

  const reader = () => document.body.dataset.person;
  const ownPrefix = () => `${PREFIX}${reader()} `;
  const placeOf = (form) => `${ownPrefix()}${form.getAttribute("action").split("?")[0]} `;
  const keyOf = (form) => placeOf(form) + form.dataset.draft;

  const forget = (matches) => {
    const store = kept();
    if (store) Object.keys(store).filter(matches).forEach((key) => store.removeItem(key));
  };

  const fields = (form) => [...form.elements].filter((each) => each.name && !NOT_TYPED.includes(each.type));
  const ticked = (field) => field.type === "radio" || field.type === "checkbox";
  const read = (form) => JSON.stringify(fields(form).filter((each) => !ticked(each) || each.checked).map((each) => [each.name, each.value]));
  // A refused form comes back with what was typed: that it is as the server sent it does not make it empty.
  const refused = (form) => form.querySelector("[role=alert], [id$='-problem']");

  const keep = (form) => {
    const text = read(form);
    try {
      if (text === fresh.get(form) && !refused(form)) kept()?.removeItem(keyOf(form));
      else kept()?.setItem(keyOf(form), text);
    } catch {
      // no room left: the form itself still holds what was typed
    }
  };

  const restore = (form) => {
    if (fresh.has(form)) return;
    fresh.set(form, read(form));
    const text = kept()?.getItem(keyOf(form));
    if (!text) return;
    const draft = JSON.parse(text);
    fields(form).forEach((each) => {
      const values = draft.filter(([name]) => name === each.name).map(([, value]) => value);
      if (ticked(each)) each.checked = values.includes(each.value);
      else if (values.length) [each.value] = values;
    });
    form.querySelectorAll("[type=radio]:checked").forEach((each) => each.dispatchEvent(new Event("change", { bubbles: true })));
  };
  const restoreAll = () => reader() && document.querySelectorAll("form[data-draft]").forEach(restore);

  // All that comes to the window comes after the other scripts, which may drop a reason that does not fit.
  ["input", "change"].forEach((moment) => window.addEventListener(moment, (event) => {
    const form = event.target.form;
    if (form && fresh.has(form) && !saved.has(form)) keep(form);
  }));

  // Before htmx shows what follows: the server has it.
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const { elt, xhr } = event.detail;
    if (!fresh.has(elt) || xhr.status < 200 || xhr.status >= 300) return;
    saved.add(elt);
    forget((key) => key.startsWith(placeOf(elt)));
  });

  // Without htmx the page that follows tells whether the form was accepted.
  window.addEventListener("submit", (event) => {
    if (event.target.matches("[data-sign-out]")) forget((key) => key.startsWith(PREFIX));
    if (!event.defaultPrevented && fresh.has(event.target)) kept()?.setItem(SENT, placeOf(event.target));
  });

  window.addEventListener("DOMContentLoaded", () => {
    const sent = kept()?.getItem(SENT);
    const [visit] = performance.getEntriesByType("navigation");
    const accepted = visit.type !== "back_forward" && (visit.responseStatus || 200) < 400;
    kept()?.removeItem(SENT);
    // Nobody is known on the page of a sign-in: the one who wrote it may come back to it.
    if (reader()) forget((key) => key.startsWith(PREFIX) && (!key.startsWith(ownPrefix()) || (sent && accepted && key.startsWith(sent))));
    restoreAll();
  });
  window.addEventListener("htmx:afterSettle", restoreAll);
})();
