// What one thinks before seeing the model, or a decision: Enter records, Esc clears the choice first, B leads to the form; then the model's part
// takes the focus. Loaded before case.js, which leaves alone what was handled here.
(() => {
  "use strict";
  const form = () => document.querySelector("form[data-opinion]");
  const first = (asked, name) => asked.querySelector(`[name=${name}]:checked`) || asked.querySelector(`[name=${name}]`);
  const groups = (asked) => [...new Set([...asked.querySelectorAll("[type=radio]")].map((each) => each.name))];
  const missing = (asked) => groups(asked).find((name) => !asked.querySelector(`[name=${name}]:checked`));
  let blind = Boolean(form());

  const enter = (event, asked) => {
    const at = document.activeElement;
    if (!(at === document.body || at.matches("h1, main") || (asked.contains(at) && at.matches("input")))) return;
    event.preventDefault();
    if (event.repeat) return;
    const lacking = missing(asked);
    if (lacking) first(asked, lacking).focus({ preventScroll: true });
    else if (!window.desk.dropped(asked)) asked.requestSubmit(asked.querySelector("[data-confirm]"));
  };

  document.addEventListener("keydown", (event) => {
    const asked = form();
    if (!asked || event.defaultPrevented || event.isComposing || document.querySelector("dialog[open], [data-menu][open]")) return;
    if (event.key === "Enter") enter(event, asked);
    const chosen = [...asked.querySelectorAll("[type=radio]:checked")];
    if (event.key !== "Escape" || !chosen.length) return;
    event.preventDefault();
    chosen.forEach((each) => { each.checked = false; });
  });

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-to-opinion]")) return;
    event.preventDefault();
    first(form(), "lean").focus({ preventScroll: true });
  });

  document.addEventListener("htmx:afterSettle", () => {
    const was = blind;
    blind = Boolean(form());
    const title = document.getElementById("model-title");
    if (!was || blind || !title) return;
    title.tabIndex = -1;
    title.focus({ preventScroll: false });
  });
})();
