// A loan that is being moved: where it would stand, what is sent when it is let go, and the same by keyboard.
"use strict";

let held = null; // the loan in the hand: its bar, its days as they were and would be, its row
const ask = document.getElementById("ask");
const WHY_NOT = [
  [".sending, .working", "This is being sent to FMS right now."],
  [".uncertain", "FMS has not confirmed this loan yet. Settle that first."],
  [".active", "FMS has approved this loan. It can only be changed in FMS."],
  [".completed, .over", "This loan is over."],
  [".cancelled", "FMS has cancelled this loan."],
  [".being-planned", "Somebody else is planning this; it is not a loan yet."],
  [":not([id])", "This stands in FMS's own calendar. Change it there."],
];
const whyNotMoved = (bar) => WHY_NOT.find(([look]) => bar.matches(look))?.[1] || "You may not change this loan.";

function lift(bar, by) {
  const [start, end, version] = bar.dataset.grip.split(" ");
  const row = bar.closest(".row");
  const [from, until] = [numberOf(start), numberOf(end)];
  const ghost = document.createElement("div");
  ghost.className = `ghost ${bar.className.replace(/ (before|after|chosen|flagged)\b/g, "")}`;
  ghost.setAttribute("aria-hidden", "true");
  ghost.textContent = bar.querySelector("a").textContent;
  held = { bar, by, version, row, home: row, start: from, end: until, was: [from, until], ghost, address: bar.querySelector("a").getAttribute("href") };
  bar.classList.add("moving");
  document.documentElement.dataset.busy = "drag";
}

const hasMoved = () => held.row !== held.home || held.start !== held.was[0] || held.end !== held.was[1];
function heldWords(between = [" → ", " · "]) {
  const { row, home, start, end, bar } = held;
  const there = shownOn(row, start, end, bar);
  const words = [periodWords(start, end, ...between)];
  if (row !== home) words.push(nameOf(row));
  if (there.length) words.push(`${there.join(", ")} ${there.length > 1 ? "are" : "is"} there`);
  return words.join(between[1]);
}
function drawHeld(at) {
  const { row, home, start, end, ghost, bar } = held;
  drawOver(row, ghost, ...linesOf(start, end));
  // At home it keeps its lane among those that overlap.
  ghost.style.marginTop = row === home ? `${bar.offsetTop}px` : "";
  ghost.classList.toggle("taken", shownOn(row, start, end, bar).length > 0);
  const box = ghost.getBoundingClientRect();
  showAtHand(heldWords(), at?.x ?? box.left, at?.y ?? box.top);
}
function putTo(start, end, row, at) {
  Object.assign(held, { start, end, row });
  drawHeld(at);
}

// Out of the hand: the page follows what others do again. The ghost stays as long as the loan is asked about.
function letGo() {
  stopScrolling();
  hideHand();
  held?.bar.classList.remove("moving");
  delete document.documentElement.dataset.busy;
  const loan = held;
  held = null;
  return loan;
}
function cancelHeld(words = "Left where it was.") {
  const { ghost, address } = letGo();
  takeAway(ghost);
  tell(words);
  if (isAstray()) barAt(address)?.focus({ preventScroll: true });
}

async function drop() {
  if (!hasMoved()) return cancelHeld();
  const { bar, version, start, end, row, home, ghost, address } = letGo();
  const values = { start_day: isoAt(start), end_day: isoAt(end), version };
  if (row !== home) {
    const wanted = new URLSearchParams(planLink(row).search);
    for (const name of ["vin", "person_id"]) if (wanted.has(name)) values[name] = wanted.get(name);
  }
  bar.classList.add("working", "lifted");
  const at = ghost.getBoundingClientRect();
  // An element of its own: what else is under way does not make this one wait.
  const source = document.createElement("div");
  document.body.append(source);
  try {
    await htmx.ajax("POST", `${address}/move`, { source, values, target: "#ask-body", swap: "innerHTML" });
  } finally {
    source.remove();
    bar.classList.remove("working");
    const isAsked = document.getElementById("ask-body").childElementCount > 0;
    if (isAsked) openAsk(address, at, ghost);
    else putBackAfter(address, ghost);
  }
}

function putBackAfter(address, ghost) {
  takeAway(ghost);
  document.querySelector("#board .bar.lifted")?.classList.remove("lifted");
  if (isAstray()) barAt(address)?.focus({ preventScroll: true });
}
function openAsk(address, at, ghost) {
  opener = address;
  ask.addEventListener("close", () => {
    document.getElementById("ask-body").replaceChildren();
    putBackAfter(address, ghost);
  }, { once: true });
  ask.showModal();
  placeCard(at, ask);
  ask.querySelector(".button.primary")?.focus({ preventScroll: true });
}

// ---- by keyboard: M takes the loan up, arrows move it, Shift its end, Alt its start, Enter lets it go

function steer(event) {
  const { start, end, row } = held;
  const days = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (days && event.shiftKey) putTo(start, Math.max(end + days, start + 1), row);
  else if (days && (event.altKey || event.ctrlKey)) putTo(Math.min(start + days, end - 1), end, row);
  else if (days) putTo(start + days, end + days, row);
  else if (event.key === "ArrowUp" || event.key === "ArrowDown") putTo(start, end, rowBeside(row, event.key === "ArrowDown") || row);
  else if (event.key === "Enter") return drop();
  else return event.key === "Escape" || event.key.toLowerCase() === "m" ? cancelHeld() : null;
  held.ghost.scrollIntoView({ block: "nearest", inline: "nearest" });
  drawHeld();
  return tell(heldWords([" to ", ", "]));
}

document.addEventListener("keydown", (event) => {
  if (!held || (event.key === "Tab" && held.by === "keys") || event.metaKey) return;
  if (held.by === "pointer" && event.key !== "Escape") return;
  if (event.ctrlKey && !event.key.startsWith("Arrow")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  held.by === "pointer" ? cancelHeld() : steer(event);
}, true);

document.addEventListener("keydown", (event) => {
  const link = event.target.closest?.("#board .bar > a");
  if (!link || !areKeysOurs(event)) return;
  const [bar, key] = [link.parentElement, event.key.toLowerCase()];
  if (key === "d" && bar.id && document.getElementById("plan")) {
    event.preventDefault();
    openForm(`/calendar/plan?copy=${bar.id.slice(1)}`, link);
  }
  if (key !== "m") return;
  event.preventDefault();
  if (!bar.dataset.grip) {
    const at = bar.getBoundingClientRect();
    showAtHand(whyNotMoved(bar), at.left, at.top);
    tell(whyNotMoved(bar));
    return;
  }
  lift(bar, "keys");
  drawHeld();
  tell(`Moving ${nameOf(held.row)}, ${heldWords([" to ", ", "])}. Arrows move it, with Shift its end, with Alt its start, up and down to another row. Enter lets it go, Escape leaves it.`);
});
document.addEventListener("focusout", (event) => {
  if (!event.target.closest?.("#board .bar")) return;
  if (!held && !cursor && !choice) hideHand();
  // Another window may have the keyboard for a while: that is no leaving.
  setTimeout(() => { if (held?.by === "keys" && !held.bar.contains(document.activeElement)) cancelHeld(); });
});
