/* After a form that was refused, the keyboard is at the first field that is wrong. */
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const errors = document.querySelector("form .errorlist:not(.messagelist)");
  const follows = (field) => errors.compareDocumentPosition(field) & Node.DOCUMENT_POSITION_FOLLOWING;
  const fields = errors ? [...errors.closest("form").elements] : [];
  // A fieldset is among the elements of its form, and cannot have the focus.
  fields.find((field) => "value" in field && field.type !== "hidden" && !field.disabled && follows(field))?.focus();
});
