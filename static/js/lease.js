// The claim on a case: counts down, is kept by activity, warns two minutes before it ends (WCAG 2.2.1).
(() => {
  "use strict";
  const WARN_S = 120;
  const BEAT_MS = 60000;
  let endsAt = 0;
  let active = false;
  let beatAt = 0;

  const lease = () => document.querySelector("[data-lease]");
  const left = () => Math.max(0, Math.ceil((endsAt - performance.now()) / 1000));

  const read = () => {
    const element = lease();
    if (!element || element.dataset.read) return;
    element.dataset.read = "yes";
    endsAt = performance.now() + Number(element.dataset.lease) * 1000;
    beatAt = performance.now();
    active = false;
  };

  const say = (words) => {
    const warning = document.querySelector("[data-lease-warning]");
    if (warning && warning.textContent !== words) warning.textContent = words;
  };

  const beat = async () => {
    const element = lease();
    if (!element?.dataset.extend) return;
    active = false;
    beatAt = performance.now();
    const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
    try {
      const answer = await fetch(element.dataset.extend, { method: "POST", headers: { "X-CSRFToken": token, Accept: "application/json" } });
      if (answer.ok) endsAt = performance.now() + (await answer.json()).seconds_left * 1000;
      else if (answer.status === 403 || answer.status === 404 || answer.status === 409) endsAt = performance.now();
    } catch {
      active = true; // no connection: the next tick tries again while there is time
    }
  };

  const draw = () => {
    const element = lease();
    if (!element) return;
    read();
    const seconds = left();
    const ending = seconds <= WARN_S;
    element.querySelector("[data-lease-clock]").textContent =
      `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    element.toggleAttribute("data-ending", ending);
    element.querySelector("[data-lease-keep]").hidden = !ending || seconds === 0;
    if (seconds === 0) say(element.dataset.lost);
    else say(ending ? document.querySelector("[data-lease-warning]").dataset.words : "");
    const since = performance.now() - beatAt;
    if (seconds > 0 && active && (since > BEAT_MS || (ending && since > 5000))) beat();
  };

  ["keydown", "pointerdown", "wheel"].forEach((kind) =>
    document.addEventListener(kind, () => { active = true; }, { passive: true }));
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-lease-keep]")) beat();
  });
  document.addEventListener("htmx:afterSettle", draw);
  setInterval(draw, 1000);
  draw();
})();
