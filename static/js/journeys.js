// The dispatch board: what others change is fetched and morphed in, forms open in a dialog, cards move by key and drag.
"use strict";

const EVERY = 4000;
const watch = document.getElementById("watch");
const dialog = document.getElementById("dialog");
const keys = document.getElementById("keys");
const region = () => document.getElementById("journeys");
const cards = () => [...document.querySelectorAll("#journeys .job")];
const linkOf = (card) => card?.querySelector("h3 a");
let current = null; // the id of the card that has, or last had, the focus
let dragged = null;

// What the person did to the page stays: open menus, the tab order, and the field they are in.
Idiomorph.defaults.callbacks.beforeNodeMorphed = (node) =>
  !(node === document.activeElement && node.matches("input, select, textarea"));
Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, element) =>
  !(name === "tabindex" || (name === "open" && element.matches("details")) || (name === "class" && element === dragged));

// Polling: only while the page is seen, one question at a time, never over an answer to something newer.
function look() {
  if (document.hidden || dragged || watch.dataset.busy || document.querySelector("#journeys .htmx-request, #journeys.htmx-request")) return;
  const { changes, mark, hash } = region().dataset;
  watch.dataset.busy = changes;
  const query = `${changes.includes("?") ? "&" : "?"}mark=${mark}&hash=${hash}`;
  htmx.ajax("GET", changes + query, { source: watch, target: "#journeys", swap: "morph:outerHTML" })
    .catch(() => {}) // told by the events below
    .finally(() => { delete watch.dataset.busy; });
}
setInterval(look, EVERY);
document.addEventListener("visibilitychange", look);

function liveNote(text) {
  const note = document.getElementById("live-note");
  if (!note) return;
  note.hidden = !text;
  note.textContent = text;
}
watch.addEventListener("htmx:beforeSwap", (event) => {
  const isLate = watch.dataset.busy !== region().dataset.changes || Boolean(dragged);
  if (isLate || event.detail.xhr.status >= 400) event.detail.shouldSwap = false;
});
watch.addEventListener("htmx:afterRequest", (event) => {
  const { xhr } = event.detail;
  const mark = xhr.getResponseHeader("X-Board-Mark");
  // The board comes with its own; for an answer without one, this is what to ask with next.
  if (mark && xhr.getResponseHeader("HX-Reswap") === "none") region().dataset.mark = mark;
  if (xhr.status >= 200 && xhr.status < 400 && !xhr.getResponseHeader("HX-Redirect")) liveNote("");
});
for (const trouble of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  watch.addEventListener(trouble, (event) => {
    event.stopPropagation();
    liveNote("Changes by others are not coming in; trying again");
  });
}
// A sign-in that ended must not carry a half-filled form away.
watch.addEventListener("htmx:beforeOnLoad", (event) => {
  if (!event.detail.xhr.getResponseHeader("HX-Redirect")) return;
  event.preventDefault();
  liveNote("You are signed out; reload the page to sign in again");
});

// One card is in the tab order, with what is inside it; arrows move on.
function settle(focused = null) {
  const all = cards();
  const chosen = focused || all.find((card) => card.id === current) || all[0];
  for (const card of all) {
    const index = card === chosen ? "0" : "-1";
    for (const stop of card.querySelectorAll("a, button")) if (stop.getAttribute("tabindex") !== index) stop.setAttribute("tabindex", index);
  }
  if (chosen) current = chosen.id;
}
function go(card) {
  if (!card) return;
  settle(card);
  linkOf(card).focus();
  card.scrollIntoView({ block: "nearest", inline: "nearest" });
}
// The nearest card that lies in that direction, as the eye sees it.
function next(card, key) {
  if (key === "Home" || key === "End") return [...card.closest(".column").querySelectorAll(".job")].at(key === "Home" ? 0 : -1);
  const from = card.getBoundingClientRect();
  const isAcross = key === "ArrowLeft" || key === "ArrowRight";
  const sign = key === "ArrowRight" || key === "ArrowDown" ? 1 : -1;
  let best = null;
  let least = Infinity;
  for (const one of cards()) {
    const at = one.getBoundingClientRect();
    const along = sign * (isAcross ? at.left - from.left : at.top - from.top);
    const aside = Math.abs(isAcross ? at.top - from.top : at.left - from.left);
    if (along < 4 || (!isAcross && aside > from.width / 2)) continue;
    const cost = along + (isAcross ? aside / 4 : 0) + (isAcross && along > 4 ? along * 2 : 0);
    if (cost < least) [best, least] = [one, cost];
  }
  return best;
}
document.addEventListener("focusin", (event) => {
  const card = event.target.closest?.(".job");
  if (card && card.id !== current) settle(card);
});

const press = (id) => document.getElementById(id)?.click();
const FORMS = { m: "move", c: "crew", t: "trucks", p: "problem" };
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog:modal")) return;
  if (event.target.closest("input, select, textarea")) return;
  const card = event.target.closest(".job");
  if (card && /^(Arrow(Left|Right|Up|Down)|Home|End)$/.test(event.key)) {
    event.preventDefault();
    return go(next(card, event.key));
  }
  const at = card || document.getElementById(current);
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const form = at?.querySelector(`[data-dialog="${FORMS[key]}"]`);
  const does = {
    "/": () => document.getElementById("q")?.focus(), "?": () => keys.showModal(),
    "[": () => press("day-before"), "]": () => press("day-after"),
    s: at && (() => at.querySelector("[id^=seen-]")?.click()),
  }[key] || (form && (() => openForm(form.getAttribute("href"), at)));
  if (!does) {
    // From anywhere on the page, an arrow enters the board.
    if (/^Arrow(Down|Right)$/.test(event.key) && event.target === document.body && cards().length) { event.preventDefault(); go(at || cards()[0]); }
    return;
  }
  event.preventDefault();
  does();
});

// Forms: links that also work as pages.
async function openForm(address, card) {
  if (card) current = card.id;
  // A line that is down, or a refusal, is told by the events it makes.
  await htmx.ajax("GET", address, { target: "#dialog-body", swap: "innerHTML" }).catch(() => {});
}
function showDialog() {
  if (!document.getElementById("dialog-body").childElementCount) return;
  if (!dialog.open) dialog.showModal();
  (dialog.querySelector("[aria-invalid]") || dialog.querySelector("#refusal") || dialog.querySelector(".options input:checked, .options input, textarea") || dialog.querySelector(".close"))?.focus();
}
document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  const form = event.target.closest("a[data-dialog]");
  if (form) {
    event.preventDefault();
    openForm(form.getAttribute("href"), form.closest(".job"));
  } else if (event.target.closest("[data-close]")) {
    event.target.closest("dialog")?.close();
  }
});
dialog.addEventListener("close", () => {
  document.getElementById("dialog-body").replaceChildren();
  refocus();
});
const isAstray = () => [document.body, document.getElementById("act"), null].includes(document.activeElement);
function refocus() {
  if (dialog.open || !isAstray()) return;
  linkOf(document.getElementById(current))?.focus({ preventScroll: true });
}
document.body.addEventListener("jobDone", () => {
  if (dialog.open) dialog.close();
  refocus();
});

// Before and after a swap: which cards are new here, for them to be seen a moment, and how many changes to tell.
let before = null;
const told = () => new Map(cards().map((card) => [card.id, card.dataset.version]));
const changedCount = () => document.querySelector("#count-changed b")?.textContent || "0";
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target?.id === "journeys") before = { versions: told(), view: region().dataset.changes, changed: changedCount() };
});
document.addEventListener("htmx:afterSettle", (event) => {
  const id = event.detail.target?.id || event.detail.elt?.id;
  if (id === "dialog-body") return showDialog();
  if (!before) return;
  const { versions, view, changed } = before;
  before = null;
  settle();
  if (view !== region().dataset.changes) return;
  for (const card of cards()) if (versions.get(card.id) !== card.dataset.version) flash(card);
  if (changed !== changedCount() && changedCount() !== "0") document.getElementById("news").textContent = `${changedCount()} changed since you looked`;
});
function flash(card) {
  card.classList.add("fresh");
  card.addEventListener("animationend", () => card.classList.remove("fresh"), { once: true });
}

// Dragging a card to another stage sends the same form; what needs a reason, or is refused, comes back as a dialog.
document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.(".job[draggable]");
  if (!dragged) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.id);
  dragged.classList.add("dragged");
  current = dragged.id;
});
const columnAt = (event) => (dragged ? event.target.closest?.(".column[data-stage]") : null);
function mark(column) {
  for (const each of document.querySelectorAll(".column.over")) if (each !== column) each.classList.remove("over");
  column?.classList.add("over");
}
document.addEventListener("dragover", (event) => {
  const column = columnAt(event);
  if (!column?.dataset.stage) return mark(null);
  event.preventDefault();
  mark(column === dragged.closest(".column") ? null : column);
});
document.addEventListener("dragend", () => {
  dragged?.classList.remove("dragged");
  dragged = null;
  mark(null);
});
document.addEventListener("drop", (event) => {
  const column = columnAt(event);
  const card = dragged;
  if (!column?.dataset.stage) return;
  event.preventDefault();
  card.classList.remove("dragged");
  dragged = null;
  mark(null);
  if (column === card.closest(".column")) return;
  htmx.ajax("POST", `/journeys/${card.dataset.id}/move`, { source: "#act", target: "#journeys", swap: "morph:outerHTML", values: { to: column.dataset.stage } }).catch(() => {});
});
settle();
