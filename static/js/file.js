// The file of a case: files dropped on the form, and people suggested while a comment names one with @.
(() => {
  "use strict";
  const MOST = 8;
  let people = null;
  let shown = [];
  let at = 0;

  const area = (event, selector) => event.target.closest?.(selector);

  document.addEventListener("dragover", (event) => {
    const drop = area(event, "[data-drop]");
    if (!drop || !event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    drop.dataset.over = "yes";
  });
  document.addEventListener("dragleave", (event) => {
    const drop = area(event, "[data-drop]");
    if (drop && !drop.contains(event.relatedTarget)) delete drop.dataset.over;
  });
  document.addEventListener("drop", (event) => {
    const drop = area(event, "[data-drop]");
    if (!drop) return;
    event.preventDefault();
    delete drop.dataset.over;
    drop.querySelector("input[type=file]").files = event.dataTransfer.files;
  });

  const list = () => document.getElementById("people-suggested");

  // What is typed after the last @ in front of the cursor; null when no name is being typed.
  const typed = (field) => {
    const found = /(?:^|[^A-Za-z0-9_])@([^\s@]{0,30})$/u.exec(field.value.slice(0, field.selectionStart));
    return found ? found[1].toLowerCase() : null;
  };

  const close = (field) => {
    shown = [];
    list().hidden = true;
    field.removeAttribute("aria-activedescendant");
  };

  const draw = (field) => {
    const box = list();
    box.replaceChildren(...shown.map((person, place) => {
      const item = document.createElement("li");
      const name = document.createElement("span");
      item.id = `person-${place}`;
      item.role = "option";
      item.ariaSelected = String(place === at);
      item.dataset.place = String(place);
      name.className = "note";
      name.textContent = person.name;
      item.append(person.words, name);
      return item;
    }));
    box.hidden = false;
    field.setAttribute("aria-activedescendant", `person-${at}`);
  };

  const suggest = async (field) => {
    if (typed(field) === null) return close(field);
    people ??= fetch(field.dataset.people, { headers: { Accept: "application/json" } })
      .then((answer) => answer.json()).then((found) => found.people).catch(() => []);
    const known = await people;
    const start = typed(field);
    if (start === null || !field.isConnected) return undefined;
    shown = known.filter((each) => each.name.toLowerCase().startsWith(start) || each.words.toLowerCase().includes(start)).slice(0, MOST);
    at = 0;
    return shown.length ? draw(field) : close(field);
  };

  const take = (field, place) => {
    const end = field.selectionStart;
    const start = end - typed(field).length;
    field.setRangeText(`${shown[place].name} `, start, end, "end");
    close(field);
    field.focus();
  };

  document.addEventListener("input", (event) => {
    if (event.target.id === "comment") suggest(event.target);
  });

  // Before case.js hears of Enter and Escape: while names are suggested, these keys are the list's.
  document.addEventListener("keydown", (event) => {
    const field = event.target;
    if (field.id !== "comment" || event.isComposing) return;
    if (shown.length && ["ArrowDown", "ArrowUp"].includes(event.key)) {
      at = (at + (event.key === "ArrowDown" ? 1 : shown.length - 1)) % shown.length;
      draw(field);
    } else if (shown.length && ["Enter", "Tab"].includes(event.key) && !event.ctrlKey && !event.metaKey) {
      take(field, at);
    } else if (shown.length && event.key === "Escape") {
      close(field);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }, true);

  document.addEventListener("pointerdown", (event) => {
    const item = area(event, "#people-suggested li");
    const field = document.getElementById("comment");
    if (item) {
      event.preventDefault();
      take(field, Number(item.dataset.place));
    } else if (field && event.target !== field) {
      close(field);
    }
  });

  // A comment has been sent: the next one can be typed at once.
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.elt?.id === "comments") document.getElementById("comment")?.focus({ preventScroll: true });
  });
})();
