// The draft of a decision: kept for this tab by case, so that a reload, another language, a document that is added or a
// claim that ended and was made again lose nothing; forgotten once the decision is saved, the case released, or its
// reader signs out.
(() => {
  "use strict";
  const PREFIX = "draft ";
  const saved = new WeakSet();
  let restored = null;

  const kept = () => {
    try {
      return window.sessionStorage;
    } catch {
      return null; // the browser keeps nothing for this site
    }
  };

  const form = () => document.querySelector("form[data-decision]");
  const of = (ref) => `${PREFIX}${ref} `;
  const shown = () => document.getElementById("case")?.dataset.ref || "";
  // By the case around the form, not the one on the screen: a field that is swapped away still tells of its change.
  const keyOf = (decision) => of(decision.closest("#case").dataset.ref);

  const forget = (matches) => {
    const store = kept();
    if (store) Object.keys(store).filter(matches).forEach((key) => store.removeItem(key));
  };

  const keep = (decision) => {
    const draft = {
      decision: decision.querySelector("[name=decision]:checked")?.value || "",
      codes: [...decision.querySelectorAll("[name=reason_codes]:checked")].map((box) => box.value),
      note: decision.elements.note.value,
    };
    const empty = !draft.decision && !draft.codes.length && !draft.note;
    try {
      if (empty) kept()?.removeItem(keyOf(decision));
      else kept()?.setItem(keyOf(decision), JSON.stringify(draft));
    } catch {
      // no room left: the form itself still holds what was typed
    }
  };

  const restore = () => {
    const decision = form();
    if (!decision || decision === restored) return;
    restored = decision;
    const text = kept()?.getItem(keyOf(decision));
    // A refused form comes back with what was typed.
    if (!text || decision.querySelector("[role=alert]")) return;
    const draft = JSON.parse(text);
    decision.elements.note.value = draft.note;
    decision.querySelectorAll("[name=reason_codes]").forEach((box) => { box.checked = draft.codes.includes(box.value); });
    const chosen = [...decision.querySelectorAll("[name=decision]")].find((option) => option.value === draft.decision);
    if (!chosen) return;
    chosen.checked = true;
    chosen.dispatchEvent(new Event("change", { bubbles: true }));
  };

  // All that comes to the window comes after the other scripts, which may drop a reason that does not fit.
  ["input", "change"].forEach((moment) => window.addEventListener(moment, (event) => {
    const decision = event.target.closest("form[data-decision]");
    if (decision && !saved.has(decision)) keep(decision);
  }));

  // Before htmx shows the next case or goes to the queue: the decision is saved.
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const { elt, xhr } = event.detail;
    if (!elt.matches("form[data-decision]") || xhr.status < 200 || xhr.status >= 300) return;
    saved.add(elt);
    kept()?.removeItem(keyOf(elt));
  });

  document.addEventListener("submit", (event) => {
    if (event.target.id === "release") forget((key) => key.startsWith(of(shown())));
    if (event.target.matches("[data-sign-out]")) forget((key) => key.startsWith(PREFIX));
  });

  ["DOMContentLoaded", "htmx:afterSettle"].forEach((moment) => window.addEventListener(moment, restore));
})();
