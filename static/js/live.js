// Pages that read themselves anew every so often: not while nobody sees it, and beside forms not while somebody is in a
// field; rows of the queue come anew while one types a search.
(() => {
  "use strict";
  document.addEventListener("htmx:beforeRequest", (event) => {
    const { elt, target, requestConfig } = event.detail;
    if (elt.id !== "live-refresh" || requestConfig.triggeringEvent?.type === "click") return;
    const busy = target.id === "live" && window.desk.typing(document.activeElement);
    if (document.hidden || busy) event.preventDefault();
  });
})();
