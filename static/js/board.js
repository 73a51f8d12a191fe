// Moving over the board: arrows between bars and rows, one stop of it in the tab order.
"use strict";

const STOPS = ".title[href], .to-fms, .bar > a, .plan, .build";
const stopsOf = (row) => [...row.querySelectorAll(STOPS)].sort((a, b) => a.getBoundingClientRect().left - b.getBoundingClientRect().left);

// One stop of the whole board is in the tab order; arrows move it.
function settleTabs(root) {
  root.querySelectorAll(`${STOPS.split(", ").map((stop) => `.row ${stop}`).join(", ")}, .bar input`).forEach((stop) => { stop.tabIndex = -1; });
  const board = document.getElementById("board");
  if (board && !board.querySelector(".row [tabindex='0']")) {
    const first = board.querySelector(".bar > a") || board.querySelector(STOPS);
    if (first) first.tabIndex = 0;
  }
}

function focusStop(stop) {
  if (!stop) return;
  document.querySelectorAll("#board .row [tabindex='0']").forEach((old) => { old.tabIndex = -1; });
  stop.tabIndex = 0;
  stop.focus();
  stop.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function move(from, key) {
  const row = from.closest(".row");
  const stops = stopsOf(row);
  const index = stops.indexOf(from);
  if (key === "ArrowLeft") return stops[index - 1];
  if (key === "ArrowRight") return stops[index + 1];
  if (key === "Home") return stops[0];
  if (key === "End") return stops.at(-1);
  const next = key === "ArrowDown" ? row.nextElementSibling : row.previousElementSibling;
  if (!next) return null;
  const x = from.getBoundingClientRect().left;
  return stopsOf(next).reduce((best, stop) => (Math.abs(stop.getBoundingClientRect().left - x) < Math.abs(best.getBoundingClientRect().left - x) ? stop : best));
}

// A key is a command only where nobody types, chooses or answers a question.
const TYPED_IN = "input:not([type=checkbox]), select, textarea, [contenteditable], dialog, details.menu[open]";
function areKeysOurs(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return false;
  return !document.querySelector("dialog:modal") && !event.target.closest?.(TYPED_IN);
}

document.addEventListener("keydown", (event) => {
  if (!areKeysOurs(event)) return;
  const stop = event.target.closest?.("#board :is(.title[href], .to-fms, .bar > a, .plan, .build)");
  if (!stop || !/^(Arrow(Left|Right|Up|Down)|Home|End)$/.test(event.key)) return;
  event.preventDefault();
  focusStop(move(stop, event.key));
});

document.addEventListener("keydown", (event) => {
  if (!areKeysOurs(event)) return;
  const does = { "/": () => document.getElementById("q")?.focus(), "?": () => document.getElementById("keys")?.showModal() }[event.key];
  if (!does) return;
  event.preventDefault();
  does();
});

// The row that had the focus last: where somebody is whose bar is gone.
let rowOfFocus = null;
document.addEventListener("focusin", (event) => { rowOfFocus = event.target.closest?.("#board .row")?.id || rowOfFocus; });
function placeOfFocus() {
  const row = document.getElementById(rowOfFocus);
  return row && (row.querySelector(".title[href]") || row.querySelector(STOPS));
}

// What an answer draws again and this page does not show (a card that is closed, a row of other days) is left out.
document.addEventListener("htmx:beforeSwap", (event) => {
  const parts = document.createElement("template");
  parts.innerHTML = event.detail.serverResponse;
  const strays = [...parts.content.querySelectorAll("[id]:is([hx-swap-oob='true'], [hx-swap-oob='delete'])")].filter((part) => !document.getElementById(part.id));
  strays.forEach((part) => part.remove());
  if (strays.length) event.detail.serverResponse = parts.innerHTML;
});

// Rows that were drawn again: back into the tab order, and seen for a moment.
settleTabs(document);
document.addEventListener("htmx:oobAfterSwap", (event) => {
  const row = event.detail.target?.id && document.getElementById(event.detail.target.id);
  if (!row?.classList.contains("row")) return;
  row.classList.add("changed");
  settleTabs(row);
  const list = document.getElementById("days");
  if (list?.offsetParent) htmx.trigger(list, "again");
});
document.addEventListener("htmx:afterSettle", (event) => { if (event.detail.elt?.id === "calendar") settleTabs(document); });
