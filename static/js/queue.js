// Lists of cases: J and K move a selection that survives the refresh, Enter opens it, Space chooses it for acts on many.
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

  // Coming back from a case: the row one left by, named behind the address or remembered for this tab of the browser.
  const LEFT_BY = "row-left-by";
  document.addEventListener("click", (event) => {
    const row = event.target.closest("[data-queue] tr[data-ref]");
    if (row && event.target.closest("a.row-link")) sessionStorage.setItem(LEFT_BY, row.dataset.ref);
  });
  const left = rows().find((row) => row.dataset.ref === sessionStorage.getItem(LEFT_BY));
  sessionStorage.removeItem(LEFT_BY);
  if (left) choose(left);

  const box = (row) => row?.querySelector("input[name=refs]");
  document.addEventListener("keydown", (event) => {
    const link = document.activeElement;
    if (event.code !== "Space" || event.repeat || !link.matches("[data-queue] a.row-link") || !box(link.closest("tr"))) return;
    event.preventDefault();
    box(link.closest("tr")).click();
  });
  // What was chosen stays chosen when the rows are read anew.
  let kept = [];
  document.addEventListener("htmx:beforeSwap", () => { kept = rows().map(box).filter((each) => each?.checked).map((each) => each.value); });
  document.addEventListener("htmx:afterSettle", () => rows().map(box).forEach((each) => { if (each && kept.includes(each.value)) each.checked = true; }));

  document.addEventListener("htmx:afterSettle", paint);
})();
