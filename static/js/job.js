// The page of a job: it follows what others do without taking away what is being typed, and opens forms in a dialog.
"use strict";

const dialog = document.getElementById("dialog");
const inside = document.getElementById("dialog-body");
const live = document.getElementById("live");
let opener = null; // the id of the link that opened the dialog, as the page is drawn again meanwhile

// What the page came with is of it, and gives way to what is said next.
for (const message of document.querySelectorAll("#messages .message.done")) message.dataset.about ??= "page";

// What the person opened stays open.
Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, element, how) =>
  !(name === "open" && how === "remove" && element.matches("details"));

function tell(text, isSeen = false) {
  live.className = isSeen ? "banner warning" : "hidden-text";
  if (live.textContent !== text) live.textContent = text;
}
const isWatch = (event) => (event.detail.requestConfig?.elt || event.detail.elt)?.id === "watch";
const isTyping = () => dialog.open || document.activeElement?.matches("#job input") || Boolean(document.getElementById("off-reason")?.value);

document.addEventListener("htmx:beforeRequest", (event) => {
  if (isWatch(event) && (document.hidden || isTyping() || document.querySelector("#job .htmx-request"))) event.preventDefault();
});
// A refusal of the watch is no message: nobody asked.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!isWatch(event)) return;
  if (event.detail.xhr.status >= 400) {
    event.detail.shouldSwap = false;
    tell("This page is not up to date: our server does not answer as it should.", true);
  } else if (isTyping()) event.detail.shouldSwap = false;
});
document.addEventListener("htmx:afterOnLoad", (event) => {
  if (!isWatch(event) || event.detail.xhr.status >= 400) return;
  const isDrawn = event.detail.xhr.status === 200 && !event.detail.xhr.getResponseHeader("HX-Retarget");
  tell(isDrawn ? "This page was updated: the job has changed." : "");
});
window.addEventListener("htmx:sendError", (event) => {
  if (!isWatch(event)) return;
  event.stopImmediatePropagation();
  tell("This page is not up to date: our server cannot be reached.", true);
}, true);

// Where an answer sends the window: nobody is carried away from reading, and back to this page is drawing it again.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const address = event.detail.xhr.getResponseHeader("HX-Redirect");
  if (!address) return;
  if (isWatch(event)) {
    event.preventDefault();
    tell("You are signed out: reload the page to sign in again.", true);
  } else if (dialog.contains(event.detail.elt) && address === location.pathname) {
    event.preventDefault();
    htmx.ajax("GET", address, { source: dialog, target: "#job", swap: "morph:outerHTML" }).then(() => dialog.close());
  }
});

// Forms: links that also work as pages.
document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  const form = event.target.closest("a[data-dialog]");
  if (form) {
    event.preventDefault();
    if (!dialog.open) opener = form.id;
    htmx.ajax("GET", form.getAttribute("href"), { target: "#dialog-body", swap: "innerHTML" });
  } else if (event.target.closest("[data-close]")) dialog.close();
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target?.id !== "dialog-body" || !inside.childElementCount) return;
  if (!dialog.open) dialog.showModal();
  (inside.querySelector("[aria-invalid]") || inside.querySelector("#refusal") || inside.querySelector(".options input:checked, .options input, textarea") || inside.querySelector(".close"))?.focus();
});
dialog.addEventListener("close", () => {
  inside.replaceChildren();
  (document.getElementById(opener) || document.getElementById("job"))?.focus({ preventScroll: true });
});
