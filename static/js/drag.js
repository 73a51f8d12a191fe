// Moving and stretching a bar with the mouse or a pen. A finger scrolls: on a touch screen the forms do this.
"use strict";

const FAR = 4; // less than this is a click
const EDGE_OF_BAR = 7;
let grab = null;

// Which part of the bar is taken: its first or last edge, where it is to be seen, or the whole.
function partOf(bar, x) {
  const box = bar.getBoundingClientRect();
  if (!bar.dataset.grip || box.width < 4 * EDGE_OF_BAR) return "whole";
  if (x - box.left <= EDGE_OF_BAR && !bar.matches(".before")) return "start";
  return box.right - x <= EDGE_OF_BAR && !bar.matches(".after") ? "end" : "whole";
}

document.addEventListener("pointerdown", (event) => {
  const bar = event.target.closest?.("#board .bar");
  if (!bar || event.button || event.pointerType === "touch" || event.target.closest("input")) return;
  if (event.ctrlKey || event.metaKey || event.shiftKey || held) return;
  const row = bar.closest(".row");
  grab = { bar, x: event.clientX, y: event.clientY, pointer: event.pointerId, part: partOf(bar, event.clientX), row, day: dayUnder(event.clientX, row) };
});

function follow() {
  const { part, day, at, row } = grab;
  const by = dayUnder(at.x, row) - day;
  const [start, end] = held.was;
  if (part === "start") return putTo(Math.min(start + by, end - 1), end, held.row, at);
  if (part === "end") return putTo(start, Math.max(end + by, start + 1), held.row, at);
  const under = document.elementFromPoint(at.x, at.y)?.closest("#board .row") || held.row;
  const fits = under === held.home || planLink(under);
  putTo(start + by, end + by, fits ? under : held.row, at);
  if (!fits) showAtHand(`No loan can be planned in the row of ${nameOf(under)}.`, at.x, at.y);
  return null;
}

document.addEventListener("pointermove", (event) => {
  if (!grab) {
    const bar = event.target.closest?.("#board .bar[data-grip]");
    const part = bar && event.pointerType !== "touch" ? partOf(bar, event.clientX) : "whole";
    if (part === "whole") delete document.documentElement.dataset.edge;
    else document.documentElement.dataset.edge = part;
    return;
  }
  if (grab.pointer !== event.pointerId) return;
  grab.at = { x: event.clientX, y: event.clientY };
  const isFar = Math.hypot(event.clientX - grab.x, event.clientY - grab.y) > FAR;
  if (!held && !isFar) return;
  if (!grab.bar.dataset.grip) return showAtHand(whyNotMoved(grab.bar), event.clientX, event.clientY);
  if (!held) {
    // Escape has ended it while the button is still down: nothing more comes of this press.
    if (grab.isLifted || !grab.bar.isConnected) return;
    grab.isLifted = true;
    lift(grab.bar, "pointer");
    grab.bar.setPointerCapture(event.pointerId);
    closeCard(false);
  }
  follow();
  scrollNear(grab.at.x, grab.at.y, () => { if (held && grab) follow(); });
});

// What follows a drag is no click on the bar.
function swallowClick() {
  const swallow = (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  document.addEventListener("click", swallow, { capture: true, once: true });
  setTimeout(() => document.removeEventListener("click", swallow, true));
}
document.addEventListener("pointerup", (event) => {
  if (grab?.pointer !== event.pointerId) return;
  const isOurs = grab.isLifted;
  if (!grab.bar.dataset.grip && grab.at) {
    tell(whyNotMoved(grab.bar));
    setTimeout(hideHand, 2500);
  }
  grab = null;
  if (!isOurs) return;
  swallowClick();
  if (held?.by === "pointer") drop();
});
document.addEventListener("pointercancel", () => {
  if (held?.by === "pointer") cancelHeld();
  grab = null;
});
// The browser would drag the link.
document.addEventListener("dragstart", (event) => { if (event.target.closest?.("#board .bar")) event.preventDefault(); });
