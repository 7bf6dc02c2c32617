// The draft of a mapping, beside what draft.js keeps of every form: marks what is not saved, keeps what the server sent back
// as typed (data-typed), and tells of what was typed on an older state. Runs before draft.js restores, and acts after it.
(() => {
  "use strict";
  const form = document.getElementById("mapping-form");
  if (!form?.dataset.draft) return;
  // As draft.js writes it.
  const place = `draft ${document.body.dataset.person} ${form.getAttribute("action").split("?")[0]} `;
  const key = place + form.dataset.draft;
  const typed = "typed" in form.dataset;
  const shown = () => JSON.stringify([...new FormData(form)].filter(([, value]) => typeof value === "string"));
  const asSent = shown();

  const kept = () => {
    try {
      return window.sessionStorage;
    } catch {
      // the browser keeps nothing for this site
      return null;
    }
  };
  const others = () => Object.keys(kept() || {}).filter((each) => each.startsWith(place) && each !== key);
  const keep = () => {
    try {
      kept()?.setItem(key, shown());
    } catch {
      // no room left: the form itself still holds what was typed
    }
  };
  const tell = () => {
    form.querySelector("[data-unsaved]").hidden = !typed && shown() === asSent;
    // What was sent back as typed is not saved, though nobody typed since.
    if (typed && !kept()?.getItem(key)) keep();
  };

  if (typed) {
    // Sent back by the server, perhaps over what somebody else saved: this is the draft now.
    others().forEach((each) => kept().removeItem(each));
    keep();
  }

  window.addEventListener("DOMContentLoaded", () => {
    // By now draft.js has forgotten what the server accepted: what is left was left out.
    form.querySelector("[data-outdated]").hidden = Boolean(kept()?.getItem(key)) || !others().length;
    tell();
    if (shown() !== asSent) form.dispatchEvent(new Event("draft-restored"));
  });
  ["input", "change"].forEach((moment) => window.addEventListener(moment, (event) => event.target.form === form && tell()));
  // A button that only tries what is typed (data-tries) saves nothing.
  window.addEventListener("submit", (event) => event.submitter?.matches("[data-tries]") && kept()?.removeItem("sent draft"));
})();
