// Lists of cases: J and K move a selection that survives the refresh, Enter opens it.
(() => {
  "use strict";
  let chosen = "";

  const rows = () => [...document.querySelectorAll("[data-queue] tr[data-ref]")];
  const link = (row) => row.querySelector("a.row-link");

  const paint = () => rows().forEach((row) => row.classList.toggle("selected", row.dataset.ref === chosen));

  const choose = (row) => {
    chosen = row.dataset.ref;
    paint();
    link(row).focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  };

  document.addEventListener("desk:key", (event) => {
    const step = { KeyJ: 1, KeyK: -1 }[event.detail.code];
    const all = rows();
    if (!step || !all.length) return;
    event.preventDefault();
    const now = all.findIndex((row) => row.dataset.ref === chosen);
    choose(all[now < 0 ? 0 : Math.min(Math.max(now + step, 0), all.length - 1)]);
  });

  document.addEventListener("focusin", (event) => {
    const row = event.target.closest("[data-queue] tr[data-ref]");
    if (!row) return;
    chosen = row.dataset.ref;
    paint();
  });

  // Focus is lost when a refresh drops the row that had it; Enter still opens what is marked.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.repeat || event.isComposing || document.activeElement !== document.body) return;
    const row = rows().find((candidate) => candidate.dataset.ref === chosen);
    if (row) link(row).click();
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt.id === "queue-refresh" && document.hidden) event.preventDefault();
  });
  document.addEventListener("htmx:afterSettle", paint);
})();
