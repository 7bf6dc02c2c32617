// The colour switch: as the system, light, dark. Kept in a cookie, so that the server writes it into the next page.
(() => {
  "use strict";
  const ORDER = ["auto", "light", "dark"];
  const root = document.documentElement;
  const group = document.querySelector("[data-theme-switch]");
  if (!group) return;
  const button = group.querySelector("[data-theme-set]");

  const show = (theme) => {
    const words = button.dataset[`words${theme[0].toUpperCase()}${theme.slice(1)}`];
    button.title = words;
    group.querySelector("[data-theme-words]").textContent = words;
  };

  button.addEventListener("click", () => {
    const theme = ORDER[(ORDER.indexOf(root.dataset.theme || "auto") + 1) % ORDER.length];
    if (theme === "auto") delete root.dataset.theme;
    else root.dataset.theme = theme;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `theme=${theme}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
    show(theme);
  });
  show(root.dataset.theme || "auto");
  group.hidden = false;
})();
