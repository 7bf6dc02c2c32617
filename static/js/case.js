// One case: Enter confirms, Ctrl+Enter submits from a field, Esc steps back; a new case takes the focus.
(() => {
  "use strict";
  const decision = () => document.querySelector("form[data-decision]");
  const shown = () => {
    const { ref, version } = document.getElementById("case")?.dataset ?? {};
    return `${ref} ${version}`;
  };
  let now = shown();

  const submit = (form, button) => {
    if (!window.desk.dropped(form)) form.requestSubmit(button || undefined);
  };

  const enter = (event) => {
    const form = decision();
    const at = document.activeElement;
    const idle = at === document.body || at.matches("h1, main") || (form?.contains(at) && at.matches("input"));
    if (!form || !idle) return;
    event.preventDefault();
    if (form.querySelector("[name=decision]:checked")) submit(form, form.querySelector("[data-confirm]"));
  };

  const submitField = (event) => {
    const form = event.target.form || decision();
    if (!form) return;
    event.preventDefault();
    submit(form, form.querySelector("button:not([type=button])"));
  };

  const stepBack = (event) => {
    const at = document.activeElement;
    const chosen = document.querySelector("[name=decision]:checked");
    const release = document.getElementById("release");
    event.preventDefault();
    if (window.desk.typing(at)) at.blur();
    else if (chosen) {
      chosen.checked = false;
      chosen.dispatchEvent(new Event("change", { bubbles: true }));
    } else if (release) release.requestSubmit();
    else document.querySelector("[data-back]")?.click();
  };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open], [data-menu][open]")) return;
    if (event.key === "Escape") stepBack(event);
    if (event.key !== "Enter") return;
    if (event.repeat) event.preventDefault();
    else if (event.ctrlKey || event.metaKey) submitField(event);
    else enter(event);
  });

  document.addEventListener("change", (event) => {
    if (event.target.name !== "decision") return;
    const { checked, dataset } = event.target;
    const form = event.target.form;
    form.querySelector("[data-decision-hint]").textContent = checked ? dataset.hint : "";
    form.elements.note.toggleAttribute("required", checked && "needsNote" in dataset);
    form.querySelectorAll("[data-sign-off], [data-next]").forEach((each) => {
      const outcomes = (each.dataset.signOff || each.dataset.next).split(" ");
      each.classList.toggle("unseen", checked && !outcomes.includes(event.target.value));
    });
    offerFitting(form);
  });

  // Reasons that do not fit the chosen decision are greyed where they stand, so that nothing moves under the hand.
  const offerFitting = (form) => {
    const chosen = form?.querySelector("[name=decision]:checked");
    form?.querySelectorAll("[data-fits]").forEach((box) => {
      box.disabled = Boolean(chosen) && !box.dataset.fits.split(" ").includes(chosen.value);
      if (box.disabled) box.checked = false;
    });
  };
  offerFitting(decision());

  let settled = document.getElementById("case");
  const heading = () => document.getElementById("case-title");
  // A decision that was taken back from another page: the reader is where they were.
  if (settled?.matches("[data-taken-back]")) heading().focus({ preventScroll: true });

  // htmx tells each of a thousand elements that it is about to go, twice, and compares those with an id: an empty case
  // goes at once. Nothing on it listens elsewhere. What has asked stays, for htmx looks from there for what else to swap.
  document.addEventListener("htmx:beforeSwap", ({ detail: { requestConfig, shouldSwap, target } }) => {
    const asker = requestConfig.elt;
    if (!shouldSwap || target.id !== "case" || asker === target || !target.contains(asker)) return;
    target.replaceChildren(asker);
    asker.replaceChildren();
  });

  document.addEventListener("htmx:afterSettle", () => {
    const page = document.getElementById("case");
    if (!page || page === settled) return;
    settled = page;
    offerFitting(decision());
    const refused = page.querySelector("[data-decision] [role=alert]");
    const isNew = shown() !== now;
    now = shown();
    if (isNew && !refused) {
      window.scrollTo(0, 0);
      heading().focus({ preventScroll: true });
    } else if (refused) {
      const form = decision();
      const first = ["[aria-describedby=reason_codes-problem] input:enabled", "[aria-invalid=true]", "[name=decision]:checked", "[name=decision]"]
        .map((selector) => form.querySelector(selector)).find(Boolean);
      first.focus({ preventScroll: true });
    }
  });
})();
