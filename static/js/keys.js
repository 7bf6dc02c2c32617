// One-key acts. An element names its key in data-key as event.code: "KeyA", "Shift+Slash", or a chord "KeyG KeyQ".
// event.code, because Chinese input methods report event.key as "Process". body[data-keys] is on, off or alt.
// body[data-key-map] has somebody's own keys: from the usual code to the own one, which the key caps then print.
(() => {
  "use strict";
  const GUARD_MS = 300;
  const CHORD_MS = 1500;
  let readyAt = 0;
  let chord = { code: "", at: 0 };

  const own = JSON.parse(document.body.dataset.keyMap || "{}");
  const usual = Object.fromEntries(Object.entries(own).map(([code, mine]) => [mine, code]));
  // The usual key for what was pressed; nothing for a key whose work has moved elsewhere.
  const meant = (code) => usual[code] || (own[code] ? "" : code);

  const CAPS = { "/": "Slash", ",": "Comma", ".": "Period", ";": "Semicolon", "'": "Quote", "[": "BracketLeft", "]": "BracketRight", "-": "Minus", "=": "Equal", "`": "Backquote" };
  const codeOf = (cap) => (/^[A-Z]$/.test(cap) ? `Key${cap}` : CAPS[cap]);
  const capOf = (code) => code.replace(/^Key/, "").replace(/^[A-Z][a-z]+.*$/, (name) => Object.keys(CAPS).find((cap) => CAPS[cap] === name) || name);
  const print = () => {
    if (!Object.keys(own).length) return;
    document.querySelectorAll("kbd:not(.always, [data-printed]), [aria-keyshortcuts]:not([data-printed])").forEach((each) => {
      const isCap = each.matches("kbd");
      const mine = own[codeOf(isCap ? each.textContent.trim() : each.getAttribute("aria-keyshortcuts"))];
      each.dataset.printed = "yes";
      if (mine && isCap) each.textContent = capOf(mine);
      else if (mine) each.setAttribute("aria-keyshortcuts", capOf(mine));
    });
  };
  print();
  document.addEventListener("htmx:afterSettle", print);

  const typing = (element) =>
    element.isContentEditable ||
    element.matches("textarea, select, input:not([type=radio], [type=checkbox], [type=button], [type=submit])");

  // A place is reached though the list it stands in is closed.
  const usable = (element) => !element.disabled && (element.getClientRects().length > 0 || element.closest("nav.nav, [data-command]"));

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
    element.focus({ preventScroll: Boolean(bar) && getComputedStyle(bar).position === "fixed" });
  };

  const act = (element) => {
    if (element.matches("input[type=radio]")) {
      focus(element);
      element.click();
    } else if (typing(element)) {
      focus(element);
      if (element.type === "search") element.select();
      else element.setSelectionRange?.(1e6, 1e6);
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
    // What is typed while a dialog is still on its way is meant for it.
    if (typing(event.target) || document.querySelector("dialog[open], #progress.htmx-request")) return "";
    const code = event.code.replace(/^Numpad(?=\d$)/, "Digit");
    return event.shiftKey ? `Shift+${code}` : code;
  };

  document.addEventListener("keydown", (event) => {
    const raw = pressed(event);
    if (!raw) return;
    const code = meant(raw);
    const goesOn = chord.code && performance.now() - chord.at < CHORD_MS;
    // The second key of a chord is the letter of a place, which nobody moves.
    const element = (goesOn && find(`${chord.code} ${raw}`)) || (code && find(code));
    chord = { code: "", at: 0 };
    if (element) {
      event.preventDefault();
      if (!guarded(element)) act(element);
    } else if (code && document.querySelector(`[data-key^="${CSS.escape(code)} "]`)) {
      chord = { code, at: performance.now() };
    } else if (code) {
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
  // From the swap on, not only from its end: drawing a case takes a while too.
  ["htmx:beforeSwap", "htmx:afterSettle"].forEach((moment) => document.addEventListener(moment, (event) => {
    if (event.detail.elt.id === "case" || event.detail.target?.id === "case") readyAt = performance.now() + GUARD_MS;
  }));

  // By hand, not by a key: the guard against presses that were meant for the case before is not asked.
  window.desk = { act, dropped, typing, usable };
})();
