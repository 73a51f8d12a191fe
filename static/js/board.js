// Moving over the board: arrows between bars and rows, days chosen with the pointer.
"use strict";

const STOPS = ".title[href], .bar > a, .plan, .build";
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

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog:modal")) return;
  const stop = event.target.closest?.("#board :is(.title[href], .bar > a, .plan, .build)");
  if (!stop || !/^(Arrow(Left|Right|Up|Down)|Home|End)$/.test(event.key)) return;
  event.preventDefault();
  focusStop(move(stop, event.key));
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog:modal")) return;
  if (event.target.closest("input:not([type=checkbox]), select, textarea")) return;
  const does = { "/": () => document.getElementById("q")?.focus(), "?": () => document.getElementById("keys")?.showModal() }[event.key];
  if (!does) return;
  event.preventDefault();
  does();
});

// Days chosen in an empty part of a row open the form with vehicle or partner and days filled in.
const calendarOf = () => document.getElementById("calendar").dataset;
let drag = null;
function dayAt(bars, x) {
  const box = bars.getBoundingClientRect();
  const days = Number(calendarOf().days);
  return Math.max(0, Math.min(days - 1, Math.floor(((x - box.left) / box.width) * days)));
}
function iso(number) {
  const day = new Date(`${calendarOf().first}T12:00:00Z`);
  day.setUTCDate(day.getUTCDate() + number);
  return day.toISOString().slice(0, 10);
}
document.addEventListener("pointerdown", (event) => {
  const bars = event.target.classList?.contains("bars") ? event.target : null;
  if (!bars || event.button || !bars.closest(".row").querySelector(".plan")) return;
  drag = { bars, from: dayAt(bars, event.clientX), to: dayAt(bars, event.clientX) };
});
document.addEventListener("pointermove", (event) => {
  if (!drag) return;
  drag.to = dayAt(drag.bars, event.clientX);
  const one = drag.bars.clientWidth / Number(calendarOf().days);
  drag.bars.classList.add("choosing");
  drag.bars.style.setProperty("--from", `${Math.min(drag.from, drag.to) * one}px`);
  drag.bars.style.setProperty("--wide", `${(Math.abs(drag.to - drag.from) + 1) * one}px`);
});
document.addEventListener("pointercancel", () => {
  drag?.bars.classList.remove("choosing");
  drag = null;
});
document.addEventListener("pointerup", () => {
  if (!drag) return;
  const { bars, from, to } = drag;
  drag = null;
  bars.classList.remove("choosing");
  const plan = bars.closest(".row").querySelector(".plan");
  const end = from === to ? "" : `&end_day=${iso(Math.max(from, to))}`;
  openForm(`${plan.getAttribute("href")}&start_day=${iso(Math.min(from, to))}${end}`, bars);
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
