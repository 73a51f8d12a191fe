// Days: paging by key with row and place kept, a date to go to, and the line of moves below the board.
"use strict";

const PAGING = { "[": "week-back", "]": "week-on", "{": "month-back", "}": "month-on", t: "to-today", T: "to-today" };

function pageOf(event) {
  const stride = event.shiftKey ? "month" : "week";
  return { PageUp: `${stride}-back`, PageDown: `${stride}-on` }[event.key] || PAGING[event.key];
}

function openDates() {
  const menu = document.querySelector("details.dates");
  if (!menu) return;
  menu.open = true;
  document.getElementById("go")?.focus();
}

document.addEventListener("keydown", (event) => {
  if (!areKeysOurs(event)) return;
  const page = pageOf(event);
  if (!page && event.key !== "g") return;
  event.preventDefault();
  page ? document.getElementById(page)?.click() : openDates();
});

// As many days as are shown now, from the Monday of the week that was asked for.
document.addEventListener("change", (event) => {
  if (event.target.id !== "go" || !event.target.value) return;
  const first = new Date(`${event.target.value}T12:00:00Z`);
  first.setUTCDate(first.getUTCDate() - ((first.getUTCDay() + 6) % 7));
  const last = new Date(first);
  last.setUTCDate(last.getUTCDate() + Number(document.getElementById("calendar").dataset.days) - 1);
  document.getElementById("start").value = first.toISOString().slice(0, 10);
  document.getElementById("end").value = last.toISOString().slice(0, 10);
}, true);

// What one looks at stays where it is while the days around it change.
let kept = null;
function placeOf(board) {
  const top = board.getBoundingClientRect().top + (board.querySelector(".days")?.offsetHeight || 0);
  const focused = document.activeElement?.closest?.("#board .row");
  const rows = [...board.querySelectorAll(".row")];
  const row = focused || rows.find((each) => each.getBoundingClientRect().bottom > top);
  return row && {
    row: row.id, y: row.getBoundingClientRect().top, left: board.scrollLeft,
    x: focused ? document.activeElement.getBoundingClientRect().left : null,
  };
}
function putBack(board) {
  const row = document.getElementById(kept.row);
  board.scrollLeft = kept.left;
  if (!row) return;
  // Twice, as rows that come into view only then get their real height.
  for (let turn = 0; turn < 2; turn += 1) board.scrollTop += row.getBoundingClientRect().top - kept.y;
  if (kept.x === null) return;
  const near = stopsOf(row).sort((a, b) => Math.abs(a.getBoundingClientRect().left - kept.x) - Math.abs(b.getBoundingClientRect().left - kept.x))[0];
  near ? focusStop(near) : board.focus({ preventScroll: true });
}
document.addEventListener("htmx:beforeSwap", (event) => {
  const board = document.getElementById("board");
  if (event.detail.target?.id === "calendar") kept = board && placeOf(board);
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.elt?.id !== "calendar") return;
  const board = document.getElementById("board");
  if (kept && board) putBack(board);
  kept = null;
  settleLoads();
});

// The line of moves: one stop in the tab order, arrows between days; drawn again when a row was.
const loads = () => [...document.querySelectorAll("#capacity a.load")];
function settleLoads() {
  const all = loads();
  const stop = all.find((load) => load.matches(".today")) || all[0];
  for (const load of all) load.tabIndex = load === stop ? 0 : -1;
}
document.addEventListener("keydown", (event) => {
  const load = event.target.closest?.("#capacity a.load");
  if (!load || event.ctrlKey || event.metaKey || event.altKey) return;
  const all = loads();
  const next = { ArrowLeft: all[all.indexOf(load) - 1], ArrowRight: all[all.indexOf(load) + 1], Home: all[0], End: all.at(-1) }[event.key];
  if (!next) return;
  event.preventDefault();
  load.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
});
let recount = 0;
document.addEventListener("htmx:oobAfterSwap", (event) => {
  if (!event.detail.target?.classList?.contains("row")) return;
  clearTimeout(recount);
  recount = setTimeout(() => { if (document.getElementById("capacity")) htmx.trigger("#capacity", "again"); }, 300);
});
document.addEventListener("htmx:afterSettle", (event) => { if (event.detail.elt?.id === "capacity") settleLoads(); });
settleLoads();

// From who moves to the bar, where it is on the board; else its card is a page.
document.addEventListener("click", (event) => {
  const link = event.target.closest(".moves a.to-bar");
  const bar = link && !event.ctrlKey && !event.metaKey && !event.shiftKey && barAt(link.getAttribute("href"));
  if (!bar) return;
  event.preventDefault();
  document.getElementById("dialog").close();
  bar.scrollIntoView({ block: "center", inline: "nearest" });
  openCard(bar);
});

// A range wider than the window begins to be read at today.
function showToday() {
  const board = document.getElementById("board");
  const day = board?.querySelector(".day.today");
  if (!day || day.offsetLeft < board.clientWidth) return;
  const head = board.querySelector(".corner").offsetWidth;
  board.scrollLeft = day.offsetLeft - head - (board.clientWidth - head) / 4;
}
showToday();

// When it was printed, in the words of every other date here.
addEventListener("beforeprint", () => {
  const box = document.getElementById("printed");
  if (!box) return;
  const parts = new Intl.DateTimeFormat("en-US", { year: "2-digit", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short" }).formatToParts(new Date());
  const of = (kind) => parts.find((part) => part.type === kind).value;
  box.textContent = `${of("month")}-${of("day")}-${of("year")} ${of("hour")}:${of("minute")} ${of("timeZoneName")}`;
});
