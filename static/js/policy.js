// The editor of a policy: sliders in step with their figures, arrow keys between cells, Ctrl+S saves.
(() => {
  "use strict";
  const form = document.querySelector("[data-policy]");
  if (!form) return;

  const figureOf = (slider) => document.getElementById(slider.dataset.slides);
  const sliders = [...form.querySelectorAll("[data-slides]")];

  // Before htmx, which listens further out, reads the figures of this very event.
  form.addEventListener("input", (event) => {
    const at = event.target;
    if (at.dataset.slides) figureOf(at).value = at.value;
    else sliders.filter((slider) => slider.dataset.slides === at.id).forEach((slider) => { slider.value = at.value; });
  }, true);

  // What is proposed is replayed over the period that is chosen on the page.
  document.addEventListener("submit", (event) => {
    event.target.querySelectorAll("[data-follows]").forEach((hidden) => {
      hidden.value = document.getElementById(hidden.dataset.follows).value;
    });
  });

  document.addEventListener("keydown", (event) => {
    const saves = (event.ctrlKey || event.metaKey) && event.code === "KeyS";
    const button = document.getElementById("save");
    if (!saves || !button) return;
    event.preventDefault();
    button.click();
  });

  const step = (event) => {
    const at = event.target;
    const text = at.matches("input");
    const edge = (place) => !text || (at.selectionStart === at.selectionEnd && at.selectionStart === place);
    if (event.key === "ArrowUp" && text) return [-1, 0];
    if ((event.key === "ArrowDown" && text) || event.key === "Enter") return [1, 0];
    if (event.key === "ArrowLeft" && edge(0)) return [0, -1];
    if (event.key === "ArrowRight" && edge(text ? at.value.length : 0)) return [0, 1];
    return null;
  };

  form.addEventListener("keydown", (event) => {
    const cell = event.target.closest("[data-grid] td, [data-grid] tbody th");
    if (!cell || event.isComposing || !event.target.matches("input, select")) return;
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    const move = step(event);
    if (!move) return;
    event.preventDefault();
    const rows = [...cell.closest("tbody").rows];
    const row = rows[rows.indexOf(cell.parentElement) + move[0]];
    const next = row?.cells[cell.cellIndex + move[1]]?.querySelector("input, select");
    if (!next) return;
    next.focus();
    if (next.select) next.select();
  });
})();
