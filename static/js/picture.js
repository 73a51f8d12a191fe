// From the picture to days and back: which day lies under the pointer, where days stand, how they are said.
"use strict";

const ONE_DAY = 86400000;
const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const firstShown = () => Date.parse(document.getElementById("calendar").dataset.first);
const daysShown = () => Number(document.getElementById("calendar").dataset.days);
// Days are counted from the first that is shown; those before it are negative.
const numberOf = (iso) => Math.round((Date.parse(iso) - firstShown()) / ONE_DAY);
const isoAt = (number) => new Date(firstShown() + number * ONE_DAY).toISOString().slice(0, 10);

function dayWords(number) {
  const iso = isoAt(number);
  return `${WEEKDAYS[new Date(iso).getUTCDay()]} ${iso.slice(5)}-${iso.slice(2, 4)}`;
}
const lengthWords = (days) => (days === 1 ? "1 day" : `${days} days`);
const periodWords = (start, end, to = " → ", and = " · ") => `${dayWords(start)}${to}${dayWords(end)}${and}${lengthWords(end - start)}`;

function dayUnder(x, row) {
  const box = row.querySelector(".bars").getBoundingClientRect();
  return Math.max(0, Math.min(daysShown() - 1, Math.floor(((x - box.left) / box.width) * daysShown())));
}

// The lines of the grid between which a loan stands: from the middle of its first day to the middle of its last.
function linesOf(start, end) {
  const last = 2 * daysShown() + 1;
  const begin = Math.min(Math.max(2 * start + 2, 1), last - 1);
  return [begin, Math.max(Math.min(end > start ? 2 * end + 2 : begin + 1, last), begin + 1)];
}
const linesOfBar = (bar) => [Number(bar.style.gridColumnStart), Number(bar.style.gridColumnEnd)];

// What the row shows on these days. Whether they can be had, the server's rules alone decide.
function shownOn(row, start, end, but = null) {
  const [begin, until] = linesOf(start, end);
  return [...row.querySelectorAll(".bars > .bar:not(.cancelled, .being-planned)")].filter((bar) => {
    const [from, to] = linesOfBar(bar);
    return bar !== but && from < until && to > begin;
  }).map((bar) => bar.querySelector("a").textContent.trim());
}

const nameOf = (row) => row.querySelector(".title").textContent.trim();
const planLink = (row) => row?.querySelector(".plan") || null;
// The next row in which loans can be planned.
function rowBeside(row, isDown) {
  let next = row;
  do next = isDown ? next.nextElementSibling : next.previousElementSibling; while (next && !planLink(next));
  return next;
}

// What is drawn over a row stands in a layer of its own: the bars below may be drawn again meanwhile.
function layerOf(row) {
  let layer = row.querySelector(":scope > .over-row");
  if (layer) return layer;
  layer = document.createElement("div");
  layer.className = "over-row";
  row.append(layer);
  return layer;
}
function drawOver(row, element, begin, until) {
  const layer = layerOf(row);
  const old = element.parentElement;
  element.style.gridColumn = `${begin} / ${until}`;
  if (old === layer) return;
  layer.append(element);
  if (old && !old.childElementCount) old.remove();
}
function takeAway(element) {
  const layer = element?.parentElement;
  element?.remove();
  if (layer?.matches(".over-row") && !layer.childElementCount) layer.remove();
}

// The words that follow the hand, and the same for who does not see them.
const hand = document.createElement("div");
hand.className = "tip hand";
hand.hidden = true;
hand.setAttribute("aria-hidden", "true");
document.body.append(hand);
function showAtHand(text, x, y) {
  hand.hidden = false;
  hand.textContent = text;
  hand.style.left = `${Math.max(8, Math.min(x + 12, innerWidth - hand.offsetWidth - 8))}px`;
  hand.style.top = `${y - hand.offsetHeight - 10 > 4 ? y - hand.offsetHeight - 10 : y + 24}px`;
}
const hideHand = () => { hand.hidden = true; };
function tell(text) {
  const said = document.getElementById("hand-said");
  // The same words twice would be heard once.
  said.textContent = said.textContent === text ? `${text}\u00a0` : text;
}

// Near its edges the board goes on under the hand, until there is no more of it.
const EDGE = 28;
let scrolling = 0;
function stopScrolling() { cancelAnimationFrame(scrolling); }
function scrollNear(x, y, then) {
  stopScrolling();
  const board = document.getElementById("board");
  const box = board.getBoundingClientRect();
  const left = box.left + (board.querySelector(".row .head")?.offsetWidth || 0);
  const top = box.top + (board.querySelector(".days")?.offsetHeight || 0);
  const foot = box.bottom - (board.querySelector(".capacity")?.offsetHeight || 0);
  const step = (at, low, high) => (at < low + EDGE ? -8 : at > high - EDGE ? 8 : 0);
  const [across, down] = [step(x, left, box.right), step(y, top, Math.min(foot, innerHeight))];
  if (!across && !down) return;
  scrolling = requestAnimationFrame(() => {
    const before = [board.scrollLeft, board.scrollTop];
    board.scrollBy(across, down);
    if (board.scrollLeft === before[0] && board.scrollTop === before[1]) return;
    then();
    scrollNear(x, y, then);
  });
}
