/* Escape closes the disclosure in which the keyboard is, or else the one that was opened last. */
"use strict";

{
  const opened = [];

  // Only what opens over or within the page, not the groups of filters, which Django opens and remembers.
  const closes = (element) => element instanceof HTMLDetailsElement && !element.hasAttribute("data-filter-title");

  document.addEventListener("toggle", ({ target }) => {
    if (!closes(target)) return;
    const place = opened.indexOf(target);
    if (place >= 0) opened.splice(place, 1);
    if (target.open) opened.push(target);
  }, true);

  const current = () => {
    const around = document.activeElement?.closest("details[open]");
    return around && closes(around) ? around : opened.at(-1);
  };

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    const details = current();
    if (!details) return;
    details.open = false;
    details.querySelector("summary")?.focus();
    event.preventDefault();
  });
}
