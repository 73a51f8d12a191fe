// Copying an address and printing the page. Without scripts their buttons are not shown (base.css).
"use strict";

const fieldToCopy = document.querySelector("[data-focus]");
fieldToCopy?.focus();
fieldToCopy?.select();

// Inside a frame, or over plain HTTP, the clipboard is closed to scripts; a selected field can still be copied.
function copySelected(text) {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "hidden-text";
  field.setAttribute("aria-hidden", "true");
  // A modal dialog lets nothing outside it be selected.
  (document.querySelector("dialog:modal") || document.body).append(field);
  const had = document.activeElement;
  field.select();
  const isDone = document.execCommand("copy");
  field.remove();
  had?.focus({ preventScroll: true });
  return isDone;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(text);
  }
}

document.addEventListener("click", async (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  const button = event.target.closest("[data-copy]");
  if (button) {
    event.preventDefault();
    const field = button.dataset.copy && document.querySelector(button.dataset.copy);
    const text = field ? field.value : button.href;
    if (await copy(text)) say("done", "Copied.");
    else say("warning", `Copy it by hand: ${text}`);
  }
  if (event.target.closest("[data-print]")) {
    event.target.closest("details.menu")?.removeAttribute("open");
    print();
  }
});
