// Keys on a bar, bars chosen for a bulk run, and undo.
"use strict";

const MOST = 100;
const chosen = new Set(); // loans, also of weeks that were paged away from
let anchor = null; // the loan that was chosen last: where a range begins
let onPage = { at: "", ids: new Set() };
const boxes = () => [...document.querySelectorAll(".bar input[name=id]")];

// What was drawn again gets its ticks back; what left this very view, or can be chosen no more, loses them.
function showChosen() {
  const all = boxes();
  const here = new Set(all.map((box) => box.value));
  if (onPage.at === location.href) for (const id of onPage.ids) if (!here.has(id)) chosen.delete(id);
  onPage = { at: location.href, ids: here };
  for (const box of all) {
    box.checked = chosen.has(box.value);
    box.closest(".bar").classList.toggle("chosen", box.checked);
  }
  const bulk = document.getElementById("bulk");
  if (!bulk) return;
  const away = [...chosen].filter((id) => !here.has(id));
  bulk.querySelector(".elsewhere").replaceChildren(...away.map((id) => Object.assign(document.createElement("input"), { type: "hidden", name: "id", value: id })));
  bulk.classList.toggle("shown", chosen.size > 0);
  document.getElementById("calendar")?.classList.toggle("choosing-bars", chosen.size > 0);
  const words = chosen.size > MOST ? `${chosen.size} chosen; at most ${MOST} go in one run` : `${chosen.size} chosen${away.length ? `, ${away.length} not in these days` : ""}`;
  const count = bulk.querySelector(".count");
  if (count.textContent !== words) count.textContent = words;
  for (const button of bulk.querySelectorAll("button[name=kind]")) button.disabled = chosen.size > MOST;
}

function choose(ids, isOn = true) {
  for (const id of ids) isOn ? chosen.add(id) : chosen.delete(id);
  showChosen();
}

// A range is what lies between two bars: in their rows and those between, in their days and those between.
function between(from, to) {
  const rows = [...document.querySelectorAll("#board .row")];
  const [first, last] = [from, to].map((bar) => rows.indexOf(bar.closest(".row"))).sort((a, b) => a - b);
  const ends = (bar) => [parseInt(bar.style.gridColumnStart, 10), parseInt(bar.style.gridColumnEnd, 10)];
  const [begin, until] = [Math.min(ends(from)[0], ends(to)[0]), Math.max(ends(from)[1], ends(to)[1])];
  const inside = (bar) => ends(bar)[0] < until && ends(bar)[1] > begin;
  return rows.slice(first, last + 1).flatMap((row) => [...row.querySelectorAll(".bar")]).filter((bar) => bar.querySelector("input") && inside(bar));
}

function chooseTo(bar, isOn) {
  const box = bar.querySelector("input[name=id]");
  if (!box) return;
  const from = anchor && document.getElementById(`b${anchor}`);
  const ids = from && bar.closest("#board") ? between(from, bar).map((each) => each.querySelector("input").value) : [box.value];
  anchor = box.value;
  choose(ids, isOn);
}

document.addEventListener("click", (event) => {
  const box = event.target.closest?.(".bar input[name=id]");
  const bar = event.target.closest?.("#board .bar");
  if (bar && event.shiftKey) {
    if (!box) event.preventDefault();
    window.getSelection()?.removeAllRanges();
    chooseTo(bar, box ? box.checked : true);
  } else if (box) {
    anchor = box.value;
    choose([box.value], box.checked);
  }
  const all = event.target.closest?.("[data-choose]");
  if (!all) return;
  if (!all.dataset.choose) chosen.clear();
  choose(boxes().filter((each) => all.dataset.choose && each.closest(".bar").matches(`.${all.dataset.choose}:not(.faded)`)).map((each) => each.value));
});

// What goes further than a click is asked first, with its counts, in the dialog.
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("#bulk [data-ask]");
  if (!button) return;
  event.preventDefault();
  const query = new URLSearchParams([["kind", button.value], ...[...chosen].map((id) => ["id", id])]);
  openForm(`${button.getAttribute("formaction")}?${query}`, button);
});
document.addEventListener("htmx:afterRequest", (event) => {
  const sent = event.detail.elt;
  if (!event.detail.successful) return;
  if (sent.matches?.("[data-bulk], [data-undoes]")) document.getElementById("dialog").close();
  if (!sent.matches?.("#bulk, [data-bulk]")) return;
  for (const id of chosen) document.getElementById(`b${id}`)?.classList.add("working");
  chosen.clear();
  showChosen();
});
for (const moment of ["htmx:afterSettle", "calendarFollowed"]) document.addEventListener(moment, showChosen);
showChosen();

// R, U, Delete and C open the card and press what it offers there: what the state forbids is not there to press.
async function act(bar, action) {
  await openCard(bar);
  const button = document.querySelector(`#card-body [data-act="${action}"], #card-body a[href$="/${action}"]`);
  if (!button) return;
  button.focus();
  button.click();
  if (action === "ask-delete") button.parentElement.querySelector("form button").focus();
  if (action === "note") button.parentElement.querySelector("textarea").focus();
}

document.addEventListener("keydown", (event) => {
  if (!areKeysOurs(event)) return;
  const bar = event.target.closest?.("#board .bar > a");
  const row = event.target.closest?.("#board .row");
  const key = event.key.toLowerCase();
  const actions = { r: "request", u: "unrequest", delete: "ask-delete", c: "change", w: "note" };
  if (bar && actions[key] && !event.shiftKey) act(bar, actions[key]);
  else if (bar && key === "x" && event.shiftKey) chooseTo(bar.parentElement, true);
  else if (bar && key === "x") bar.parentElement.querySelector("input")?.click();
  else if (row && key === "p") row.querySelector(".plan")?.click();
  else return;
  event.preventDefault();
});

// Z and Ctrl+Z undo the newest step, with Shift, or Ctrl+Y, what was undone last is done again.
document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest?.("input:not([type=checkbox], [type=radio]), select, textarea");
  const key = event.key.toLowerCase();
  if (isTyping || event.altKey || document.querySelector("dialog:modal") || !["z", "y"].includes(key)) return;
  const isWithControl = event.ctrlKey || event.metaKey;
  const form = document.getElementById((key === "y" && isWithControl) || event.shiftKey ? "redo-newest" : "undo-newest");
  if (!form || (key === "y" && !isWithControl)) return;
  event.preventDefault();
  form.requestSubmit();
});
