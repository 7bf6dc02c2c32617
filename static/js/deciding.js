// Around the decision bar: the countdown of what can be taken back, phrases for the note, and the dialogs of passing on.
(() => {
  "use strict";
  const TICK_MS = 1000;

  // The last decision: counts down, and goes when it is released.
  const draw = () => document.querySelectorAll("[data-undo]").forEach((shown) => {
    shown.dataset.endsAt ||= String(performance.now() + Number(shown.dataset.undo) * 1000);
    const left = Math.ceil((Number(shown.dataset.endsAt) - performance.now()) / 1000);
    shown.hidden = left <= 0;
    shown.querySelector("[data-undo-clock]").textContent =
      `${Math.floor(Math.max(0, left) / 60)}:${String(Math.max(0, left) % 60).padStart(2, "0")}`;
  });

  // The case that came for going on stays in hand when somebody has begun on it.
  const begun = () => {
    const form = document.querySelector("form.decide");
    return Boolean(form?.querySelector("input:checked") || form?.elements.note?.value.trim());
  };
  document.addEventListener("submit", (event) => {
    if (event.target.id === "undo-form" && begun()) event.target.elements.following.value = "";
  }, true);

  // Phrases: a slash at the start of a word opens the list, a second one is just a slash.
  const list = () => document.querySelector("[data-phrases]");
  const note = () => document.getElementById("note");
  let fromNote = false;

  const write = (words) => {
    const field = note();
    const start = field.selectionStart;
    const gap = start > 0 && !/\s/.test(field.value[start - 1]) ? " " : "";
    field.setRangeText(gap + words, start, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };

  const close = (field) => {
    list().open = false;
    field.focus({ preventScroll: true });
  };

  document.addEventListener("keydown", (event) => {
    const slash = event.code === "Slash" && !event.shiftKey && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (event.defaultPrevented || event.isComposing || !list()) return;
    if (slash && event.target === note() && !list().open) {
      const before = note().value.slice(0, note().selectionStart);
      if (before && !/\s$/.test(before)) return;
      event.preventDefault();
      fromNote = true;
      list().open = true;
    } else if (list().open && event.key === "Escape") {
      event.preventDefault();
      close(fromNote ? note() : list().querySelector("summary"));
    } else if (list().open && list().contains(event.target)) {
      const items = [...list().querySelectorAll("[data-phrase]")];
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) {
        event.preventDefault();
        items.at((items.indexOf(event.target) + step) % items.length)?.focus({ preventScroll: true });
      } else if (slash) {
        event.preventDefault();
        write("/");
        close(note());
      }
    }
  }, true);

  document.addEventListener("click", (event) => {
    const phrase = event.target.closest("[data-phrase]");
    if (phrase) {
      write(phrase.textContent);
      close(note());
    } else if (list()?.open && !list().contains(event.target)) list().open = false;
    if (event.target.closest("dialog [data-close]")) {
      event.preventDefault();
      event.target.closest("dialog").close();
    }
  });
  const enter = () => list()?.open && list().querySelector("[data-phrase], a")?.focus({ preventScroll: true });
  document.addEventListener("toggle", (event) => {
    if (!event.target.matches("[data-phrases]")) return;
    if (!event.target.open) fromNote = false;
    else if (list().querySelector("[data-load]")) list().querySelector("[data-load]").click();
    else enter();
  }, true);

  // A dialog of passing on: opened when its form has come, which says what has the focus (autofocus); Esc closes it.
  const opened = () => {
    const dialog = document.querySelector("#panel dialog");
    if (!dialog || dialog.open) return;
    dialog.addEventListener("close", () => dialog.remove());
    dialog.showModal();
  };
  document.addEventListener("keydown", (event) => {
    const form = event.target.closest?.("#panel form");
    if (!form || event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    draw();
    opened();
    if (event.detail.target?.id === "phrase-list") enter();
  });
  setInterval(draw, TICK_MS);
  draw();
})();
