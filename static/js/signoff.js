// Fix and sign: reasons that do not fit the decision are greyed, the button says what it will do and alone does it.
(() => {
  "use strict";
  const form = document.querySelector("form[data-fix]");
  if (!form) return;
  const panel = form.closest("[data-fix-panel]");
  const button = form.querySelector("[name=act]");

  const settle = () => {
    const chosen = form.querySelector("[name=outcome]:checked");
    form.querySelectorAll("[data-fits]").forEach((box) => {
      box.disabled = Boolean(chosen) && !box.dataset.fits.split(" ").includes(chosen.value);
    });
    if (chosen) button.textContent = "decided" in chosen.dataset ? button.dataset.sign : button.dataset.revise;
  };

  panel.addEventListener("toggle", () => {
    const first = form.querySelector("[aria-invalid=true]") || form.querySelector("[name=outcome]:checked") || button;
    // The bar is on the screen already: scrolling to it would only take away what is being read.
    if (panel.open) first.focus({ preventScroll: getComputedStyle(panel.closest(".decide")).position === "fixed" });
  });
  // Enter on a choice or a box would press the button: only the button itself signs.
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("[type=radio], [type=checkbox]")) event.preventDefault();
  });
  // Esc in the form closes it before it leaves the page.
  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !panel.open || event.isComposing) return;
    event.preventDefault();
    panel.open = false;
    panel.querySelector("summary").focus();
  });
  form.addEventListener("change", settle);
  settle();
})();
