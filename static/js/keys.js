// One-key acts. An element names its key in data-key as event.code: "KeyA", "Shift+Slash", or a chord "KeyG KeyQ".
// event.code, because Chinese input methods report event.key as "Process". body[data-keys] is on, off or alt.
(() => {
  "use strict";
  const GUARD_MS = 300;
  const CHORD_MS = 1500;
  let readyAt = 0;
  let chord = { code: "", at: 0 };

  const typing = (element) =>
    element.isContentEditable ||
    element.matches("textarea, select, input:not([type=radio], [type=checkbox], [type=button], [type=submit])");

  const usable = (element) => !element.disabled && element.getClientRects().length > 0;

  // A press meant for the case before must not decide the one that has just appeared, nor be sent twice.
  const fresh = () => performance.now() < readyAt;
  const guarded = (element) => {
    const form = element.closest("[data-guard]");
    return Boolean(form) && (fresh() || form.dataset.busy === "yes");
  };

  // The second click of a double click finds nothing chosen on the new case; whoever has aimed and chosen is quick.
  const dropped = (form) =>
    form.dataset.busy === "yes" || (fresh() && "decision" in form.dataset && !form.querySelector("[name=decision]:checked"));

  const find = (code) => [...document.querySelectorAll(`[data-key="${CSS.escape(code)}"]`)].find(usable);

  // The bar at the foot is on the screen already: scrolling to it would only take away what is being read.
  const focus = (element) => {
    const bar = element.closest(".decide");
    element.focus({ preventScroll: Boolean(bar) && getComputedStyle(bar).position === "sticky" });
  };

  const act = (element) => {
    if (element.matches("input[type=radio]")) {
      focus(element);
      element.click();
    } else if (typing(element)) {
      focus(element);
      if (element.type === "search") element.select();
    } else if (element.dataset.keyAct === "focus") {
      focus(element);
    } else {
      element.click();
    }
  };

  const pressed = (event) => {
    if (event.defaultPrevented || event.isComposing || event.repeat || event.ctrlKey || event.metaKey) return "";
    const mode = document.body.dataset.keys;
    if (mode === "off" || (mode === "alt") !== event.altKey) return "";
    if (typing(event.target) || document.querySelector("dialog[open]")) return "";
    const code = event.code.replace(/^Numpad(?=\d$)/, "Digit");
    return event.shiftKey ? `Shift+${code}` : code;
  };

  document.addEventListener("keydown", (event) => {
    const code = pressed(event);
    if (!code) return;
    const goesOn = chord.code && performance.now() - chord.at < CHORD_MS;
    const element = (goesOn && find(`${chord.code} ${code}`)) || find(code);
    chord = { code: "", at: 0 };
    if (element) {
      event.preventDefault();
      if (!guarded(element)) act(element);
    } else if (document.querySelector(`[data-key^="${CSS.escape(code)} "]`)) {
      chord = { code, at: performance.now() };
    } else {
      const unclaimed = new CustomEvent("desk:key", { detail: { code }, cancelable: true });
      if (!document.dispatchEvent(unclaimed)) event.preventDefault();
    }
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-guard]")) return;
    if (dropped(form)) {
      event.preventDefault();
      event.stopImmediatePropagation();
    } else {
      // Not before htmx, which listens on the form itself, has gathered the values of this very event.
      form.dataset.busy = "yes";
    }
  }, true);

  const release = () => document.querySelectorAll("[data-busy]").forEach((form) => delete form.dataset.busy);
  document.addEventListener("htmx:afterRequest", release);
  window.addEventListener("pageshow", release);
  // From the swap on, not only from the settling 20 ms later: presses fall into that gap too.
  ["htmx:beforeSwap", "htmx:afterSettle"].forEach((moment) => document.addEventListener(moment, (event) => {
    if (event.detail.elt.id === "case" || event.detail.target?.id === "case") readyAt = performance.now() + GUARD_MS;
  }));

  window.desk = { dropped, typing };
})();
