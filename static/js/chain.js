// A saved chain: ticks and what the buttons then do, forms in a dialog, and the focus that stays where it was.
"use strict";

const dialog = document.getElementById("dialog");
const inside = document.getElementById("dialog-body");
const region = () => document.getElementById("saved-chain");
const boxes = () => [...document.querySelectorAll("#loans input[name=id]")];
const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

// What the person did to the page stays when it is drawn again: ticks, and what they opened.
Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, element) =>
  !((name === "open" && element.matches("details")) || (name === "checked" && element.matches("#loans input")));

// The buttons act on what is ticked, or on all: they say which.
function label() {
  const ticked = boxes().filter((box) => box.checked);
  for (const card of document.querySelectorAll("#loans .slot")) card.classList.toggle("chosen", Boolean(card.querySelector("input[name=id]:checked")));
  for (const button of document.querySelectorAll("#chain-bulk button[name=kind]")) {
    const { word, all } = button.dataset;
    button.textContent = ticked.length ? `${word} ${ticked.length} chosen` : `${word} ${all > 1 ? `all ${all}` : "1 loan"}`;
    button.disabled = ticked.length > 0 && !ticked.some((box) => box.dataset.can.split(" ").includes(button.value));
  }
  const said = document.getElementById("chosen");
  const words = ticked.length ? `${ticked.length} of ${document.querySelectorAll("#loans .slot").length} chosen` : said?.dataset.hint;
  if (said && said.textContent !== words) said.textContent = words;
  const none = document.getElementById("choose-none");
  if (none) none.hidden = !ticked.length;
}
function untick() {
  for (const box of boxes()) box.checked = false;
  label();
}
document.addEventListener("change", (event) => { if (event.target.matches("#loans input[name=id]")) label(); });
document.addEventListener("click", (event) => {
  if (event.target.id !== "choose-none") return;
  untick();
  document.getElementById("chosen").focus();
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.elt.id === "chain-bulk" && event.detail.successful) untick();
});

// Within the same tick as the click: what is on its way is marked, on the button and on its card.
document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt, requestConfig } = event.detail;
  if (requestConfig.verb === "get") return;
  requestConfig.triggeringEvent?.submitter?.classList.add("working");
  elt.closest(".slot")?.classList.add("working");
});
document.addEventListener("htmx:afterRequest", () => {
  for (const mark of document.querySelectorAll(".working")) mark.classList.remove("working");
});

// Forms: links that also work as pages.
let opener = null;
document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  const link = event.target.closest("a[data-dialog]");
  if (link) {
    event.preventDefault();
    if (!dialog.open) opener = link.id;
    htmx.ajax("GET", link.getAttribute("href"), { source: link, target: "#dialog-body", swap: "innerHTML" });
  } else if (event.target.closest("[data-close]")) dialog.close();
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target?.id !== "dialog-body" || !inside.childElementCount) return;
  if (!dialog.open) dialog.showModal();
  (inside.querySelector("[aria-invalid]:not([hidden])") || inside.querySelector("[role=alert]") || inside.querySelector("[autofocus]") || inside.querySelector("input:not([type=hidden]), select"))?.focus();
});
dialog.addEventListener("close", () => {
  inside.replaceChildren();
  document.getElementById(opener)?.focus({ preventScroll: true });
  refocus();
});
// What stands around the chain follows it: in the month that the person looks at, the money once a run is over.
document.body.addEventListener("chainDrawn", (event) => {
  const shown = document.querySelector("#chain-timeline nav [aria-current]");
  const timeline = document.getElementById("chain-timeline");
  if (event.detail.isRunning) {
    if (shown) htmx.ajax("GET", shown.getAttribute("href"), { source: timeline, target: timeline, swap: "outerHTML" });
  } else if (timeline && document.getElementById("loans")) {
    const month = shown ? new URL(shown.href).searchParams.get("month") : "";
    htmx.ajax("GET", `${region().dataset.address}/around?month=${month}`, { source: timeline, swap: "none" });
  }
});
document.body.addEventListener("chainDone", () => { if (dialog.open) dialog.close(); });

// Candidates are searched as one types; the one that is chosen stays in sight.
document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-search]")) return;
  event.stopPropagation();
  const words = folded(event.target.value).split(/\s+/).filter(Boolean);
  const rows = [...inside.querySelectorAll(".candidate"), ...document.querySelectorAll(".saved-page > .card .candidate")];
  let found = 0;
  for (const row of rows) {
    row.dataset.text ||= folded(row.textContent);
    row.hidden = !row.querySelector("input:checked") && !words.every((word) => row.dataset.text.includes(word));
    found += !row.hidden;
  }
  const said = document.getElementById("found");
  if (said) said.textContent = `${found} of ${rows.length}`;
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("[data-search]")) event.preventDefault();
});

// What had the focus may be gone, as its loan cannot be asked for twice: then its card has it, else the chain.
let focused = null;
document.addEventListener("focusin", (event) => {
  if (dialog.contains(event.target)) return;
  const isHere = event.target.closest?.("#saved-chain");
  focused = isHere ? { id: event.target.id, card: event.target.closest(".slot")?.id } : null;
});
const canFocus = (element) => (element && !element.disabled && element.checkVisibility() ? element : null);
function refocus() {
  const isAstray = !document.activeElement || [document.body, dialog].includes(document.activeElement) || document.activeElement.disabled;
  if (!isAstray || dialog.open || !focused) return;
  const card = focused.card && document.getElementById(focused.card);
  const again = canFocus(focused.id && document.getElementById(focused.id));
  (again || card?.querySelector("input[name=id], .more :is(a, button, summary), .ways a") || region())?.focus({ preventScroll: true });
}
document.addEventListener("htmx:afterSettle", () => {
  label();
  refocus();
});
label();
