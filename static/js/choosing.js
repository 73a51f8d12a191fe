// Days chosen in an empty part of a row, with the pointer or the arrows: they open the form with all of it filled in.
"use strict";

const LONG_PRESS = 450;
let choice = null; // what the pointer has chosen so far
let cursor = null; // the same by keyboard: the day cursor of a row

function openChoice(row, from, to, at) {
  const [start, end] = [Math.min(from, to), Math.max(from, to)];
  const days = start === end ? "" : `&end_day=${isoAt(end)}`;
  openForm(`${planLink(row).getAttribute("href")}&start_day=${isoAt(start)}${days}`, at);
}
function choiceWords(row, from, to, between = [" → ", " · "]) {
  const [start, end] = [Math.min(from, to), Math.max(from, to)];
  const taken = shownOn(row, start, end);
  const days = start === end ? dayWords(start) : periodWords(start, end, ...between);
  return `${days}${between[1]}${taken.length ? `taken by ${taken.join(", ")}` : "free"}`;
}

// ---- by pointer; on a touch screen after a long press, as a finger that moves at once scrolls

function beginChoice() {
  choice.isOn = true;
  choice.ghost = document.createElement("div");
  choice.ghost.className = "ghost choosing";
  choice.ghost.setAttribute("aria-hidden", "true");
  document.documentElement.dataset.busy = "choosing";
  drawChoice();
}
function drawChoice() {
  const { row, from, x, y } = choice;
  choice.to = dayUnder(x, row);
  const [start, end] = [Math.min(from, choice.to), Math.max(from, choice.to)];
  drawOver(row, choice.ghost, ...linesOf(start, end));
  choice.ghost.classList.toggle("taken", shownOn(row, start, end).length > 0);
  showAtHand(choiceWords(row, from, choice.to), x, y);
}
function endChoice() {
  stopScrolling();
  clearTimeout(choice?.timer);
  takeAway(choice?.ghost);
  choice = null;
  hideHand();
  delete document.documentElement.dataset.busy;
}

document.addEventListener("pointerdown", (event) => {
  const bars = event.target.closest?.("#board .bars");
  const row = bars?.closest(".row");
  if (event.target !== bars || !bars || event.button || !planLink(row) || choice || held) return;
  const day = dayUnder(event.clientX, row);
  choice = { row, bars, from: day, to: day, x: event.clientX, y: event.clientY, pointer: event.pointerId, isOn: false };
  if (event.pointerType === "touch") choice.timer = setTimeout(beginChoice, LONG_PRESS);
  else bars.setPointerCapture(event.pointerId);
});
document.addEventListener("pointermove", (event) => {
  if (choice?.pointer !== event.pointerId) return;
  const isFar = Math.hypot(event.clientX - choice.x, event.clientY - choice.y) > 4;
  if (!choice.isOn && !isFar) return;
  if (!choice.isOn && event.pointerType === "touch") return endChoice();
  Object.assign(choice, { x: event.clientX, y: event.clientY });
  choice.isOn ? drawChoice() : beginChoice();
  scrollNear(choice.x, choice.y, drawChoice);
});
document.addEventListener("pointerup", (event) => {
  if (choice?.pointer !== event.pointerId) return;
  const { row, bars, from, to } = choice;
  endChoice();
  openChoice(row, from, to, bars);
});
document.addEventListener("pointercancel", () => { if (choice) endChoice(); });
document.addEventListener("touchmove", (event) => { if (choice?.isOn) event.preventDefault(); }, { passive: false });
document.addEventListener("contextmenu", (event) => { if (choice?.isOn) event.preventDefault(); });

// ---- by keyboard: N puts a cursor on the days of the row, arrows move it, Shift chooses, Enter plans

function drawCursor(isNew = false) {
  const { row, from, to, cell } = cursor;
  const [start, end] = [Math.min(from, to), Math.max(from, to)];
  const before = cell.parentElement;
  drawOver(row, cell, ...(start === end ? [2 * start + 1, 2 * start + 3] : linesOf(start, end)));
  const words = choiceWords(row, from, to, [" to ", ", "]);
  cell.setAttribute("aria-label", isNew || before !== cell.parentElement ? `${nameOf(row)}, ${words}` : words);
  cell.classList.toggle("taken", shownOn(row, start, end).length > 0);
  if (before !== cell.parentElement) cell.focus({ preventScroll: true });
  else tell(words);
  cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  const at = cell.getBoundingClientRect();
  showAtHand(words, at.left, at.top);
}
function openCursor(row, day, back) {
  const cell = document.createElement("div");
  cell.className = "day-cursor";
  cell.tabIndex = -1;
  cell.setAttribute("role", "gridcell");
  cursor = { row, from: day, to: day, cell, back };
  drawCursor(true);
  tell("Arrows choose the day, with Shift several; Enter plans a loan, Escape leaves.");
}
function closeCursor(isLeft = false) {
  const { cell, back } = cursor;
  cursor = null;
  hideHand();
  takeAway(cell);
  if (!isLeft) (back.isConnected ? back : document.getElementById("board")).focus({ preventScroll: true });
}
function firstDayFrom(stop) {
  const bar = stop.closest(".bar");
  const today = numberOf(document.getElementById("calendar").dataset.today);
  const day = bar ? Math.floor((linesOfBar(bar)[1] - 1) / 2) : today;
  return day >= 0 && day < daysShown() ? day : 0;
}

function steerCursor(event) {
  const last = daysShown() - 1;
  const to = { ArrowLeft: cursor.to - 1, ArrowRight: cursor.to + 1, Home: 0, End: last }[event.key];
  if (to !== undefined) {
    cursor.to = Math.max(0, Math.min(last, to));
    if (!event.shiftKey) cursor.from = cursor.to;
    return drawCursor();
  }
  if (event.key === "ArrowUp" || event.key === "ArrowDown") {
    const row = rowBeside(cursor.row, event.key === "ArrowDown");
    if (!row) return null;
    cursor.row = row;
    return drawCursor();
  }
  const { row, from, to: until, cell } = cursor;
  if (event.key === "Enter") {
    closeCursor();
    return openChoice(row, from, until, cell);
  }
  return event.key === "Escape" ? closeCursor() : null;
}

document.addEventListener("keydown", (event) => {
  if (choice?.isOn && event.key === "Escape") {
    event.preventDefault();
    return endChoice();
  }
  if (!areKeysOurs(event)) return;
  if (cursor && event.target === cursor.cell) {
    if (!/^(Arrow(Left|Right|Up|Down)|Home|End|Enter|Escape)$/.test(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    return steerCursor(event);
  }
  const row = event.target.closest?.("#board .row");
  if (event.key.toLowerCase() !== "n" || !planLink(row)) return;
  event.preventDefault();
  openCursor(row, firstDayFrom(event.target), event.target);
});
// Its row was drawn again by something else the person did.
document.addEventListener("htmx:oobAfterSwap", () => {
  if (!cursor || cursor.cell.isConnected) return;
  cursor = null;
  hideHand();
});
document.addEventListener("focusout", (event) => {
  // Going to another row takes the cell out of the page for a moment: it is focused again at once.
  setTimeout(() => { if (cursor && event.target === cursor.cell && document.activeElement !== cursor.cell) closeCursor(true); });
});
