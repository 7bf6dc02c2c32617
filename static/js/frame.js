// The frame: dialogs, menus, toasts, the status line and the room for the bar at the foot.
(() => {
  "use strict";
  const SHOWN_MS = 6000;
  let fading = 0;

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) document.getElementById(opener.dataset.opens).showModal();
    event.target.closest("[data-dismiss]")?.closest(".toast")?.remove();
    document.querySelectorAll("[data-menu][open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("[data-menu][open]");
    if (!menu) return;
    event.preventDefault();
    menu.open = false;
    menu.querySelector("summary").focus();
  });

  // A menu opened by its key is chosen from by the next one.
  document.addEventListener("toggle", (event) => event.target.querySelector("[data-first][open] button")?.focus(), true);

  // The words stay for screen readers; only the pill goes away.
  const show = () => {
    const status = document.getElementById("status");
    clearTimeout(fading);
    status.classList.remove("faded");
    if (status.textContent.trim()) fading = setTimeout(() => status.classList.add("faded"), SHOWN_MS);
  };
  document.addEventListener("htmx:oobAfterSwap", show);
  show();

  const bar = () => document.querySelector(".decide");
  const room = new CSSStyleSheet();
  document.adoptedStyleSheets.push(room);
  const measured = new ResizeObserver(() => room.replaceSync(`:root { --decide-bar: ${bar()?.offsetHeight ?? 0}px; }`));
  const measure = () => {
    measured.disconnect();
    if (bar()) measured.observe(bar());
  };
  document.addEventListener("htmx:afterSettle", measure);
  measure();
})();
