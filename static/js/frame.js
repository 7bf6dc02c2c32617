// The frame: dialogs, menus, toasts and the status line.
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

  // The words stay for screen readers; only the pill goes away.
  const show = () => {
    const status = document.getElementById("status");
    clearTimeout(fading);
    status.classList.remove("faded");
    if (status.textContent.trim()) fading = setTimeout(() => status.classList.add("faded"), SHOWN_MS);
  };
  document.addEventListener("htmx:oobAfterSwap", show);
  show();
})();
