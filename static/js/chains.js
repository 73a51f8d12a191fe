// The builder: lists to tick, the drop-down of a slot, dates with their weekday, leaving, holds, where the focus goes.
"use strict";

const chain = () => document.getElementById("chain");
const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
const wordsOf = (text) => folded(text).split(/\s+/).filter(Boolean);

// A date is shown with its weekday, as FMS beside us writes it.
document.addEventListener("input", (event) => {
  const output = document.getElementById(event.target.dataset?.weekday);
  if (!output) return;
  const day = event.target.valueAsDate;
  const two = (number) => String(number).padStart(2, "0");
  output.textContent = day
    ? `${["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][day.getUTCDay()]} ${two(day.getUTCMonth() + 1)}-${two(day.getUTCDate())}-${two(day.getUTCFullYear() % 100)}`
    : "";
});

// Lists to tick: what is ticked is said in one line; a search hides what it does not name.
const SAID = 4;
function summarise(list) {
  const said = [...list.querySelectorAll("input[type=checkbox]:checked")].map((box) => box.dataset.said);
  const rest = said.length > SAID ? [`+${said.length - SAID}`] : [];
  list.querySelector(".summary").textContent = [...said.slice(0, SAID), ...rest].join(" · ") || "none";
}
document.addEventListener("change", (event) => {
  const list = event.target.closest("[data-checklist]");
  if (list) summarise(list);
});
document.addEventListener("click", (event) => {
  const all = event.target.closest("[data-tick]");
  if (!all) return;
  const list = all.closest("[data-checklist]");
  for (const box of list.querySelectorAll(".tick:not([hidden]) input")) box.checked = all.dataset.tick === "all";
  summarise(list);
});
document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-filter]")) return;
  event.stopPropagation();
  const words = wordsOf(event.target.value);
  for (const group of event.target.closest(".menu-list").querySelectorAll(".group")) {
    const name = group.getAttribute("aria-label");
    for (const tick of group.querySelectorAll(".tick")) {
      const text = folded(`${name} ${tick.textContent}`);
      tick.hidden = !words.every((word) => text.includes(word));
    }
    group.hidden = !group.querySelector(".tick:not([hidden])");
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("[data-filter]")) event.preventDefault();
});

// The drop-down of a slot: loaded when it is opened, searched as one types, walked with the arrows.
const boxOf = (choice) => document.getElementById(choice.getAttribute("aria-controls"));
const openChoice = () => document.querySelector(".choice[aria-expanded=true]");
const rowsOf = (box) => [...box.querySelectorAll(".candidate:not([hidden])")];
const stopsOf = (row) => [...row.querySelectorAll("button, a")];

function closeChoice(withFocus) {
  const choice = openChoice();
  if (!choice) return;
  choice.setAttribute("aria-expanded", "false");
  boxOf(choice).hidden = true;
  boxOf(choice).replaceChildren();
  if (withFocus) choice.focus({ preventScroll: true });
}

async function open(choice) {
  closeChoice(false);
  const box = boxOf(choice);
  choice.setAttribute("aria-expanded", "true");
  box.textContent = "Loading…";
  box.hidden = false;
  box.classList.remove("to-left");
  box.classList.toggle("to-left", box.getBoundingClientRect().right > document.documentElement.clientWidth - 8);
  await htmx.ajax("GET", choice.getAttribute("href"), { source: choice, target: box, swap: "innerHTML" });
  if (openChoice() !== choice) return;
  if (!box.querySelector(".candidates")) closeChoice(true);
  else {
    box.scrollIntoView({ block: "nearest" });
    box.querySelector("input[type=search]").focus({ preventScroll: true });
  }
}

function search(field) {
  const box = field.closest(".choices");
  const words = wordsOf(field.value);
  for (const row of box.querySelectorAll(".candidate")) {
    row.dataset.text ||= folded(row.querySelector(".pick, .off").textContent);
    row.hidden = !words.every((word) => row.dataset.text.includes(word));
  }
  // A heading with nothing under it says nothing.
  let heading = null;
  for (const item of box.querySelectorAll(".candidates > li")) {
    if (item.matches(".heading")) (heading = item).hidden = words.length > 0;
    else if (heading && !item.hidden) heading.hidden = false;
  }
  box.querySelector(".found").textContent = `${rowsOf(box).length} of ${box.querySelectorAll(".candidate").length}`;
}

function walk(event, box) {
  const rows = rowsOf(box);
  const row = event.target.closest(".candidate");
  const place = rows.indexOf(row);
  const beside = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (row && beside) return stopsOf(row)[stopsOf(row).indexOf(event.target) + beside];
  if (event.key === "ArrowDown") return rows[place + 1] && stopsOf(rows[place + 1])[0];
  if (event.key === "ArrowUp" && row) return place ? stopsOf(rows[place - 1])[0] : box.querySelector("input[type=search]");
  // Enter in the search takes the only one left, and else goes to the first: nobody picks unseen.
  if (event.key === "Enter" && event.target.type === "search") {
    if (rows.length === 1) rows[0].querySelector("button.pick")?.click();
    return rows[0] && stopsOf(rows[0])[0];
  }
  return undefined;
}

document.addEventListener("click", (event) => {
  const plain = !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.button;
  const choice = event.target.closest("a.choice");
  if (choice && plain) {
    event.preventDefault();
    choice === openChoice() ? closeChoice(true) : open(choice);
  } else if (openChoice() && !event.target.closest(".choices, #messages, dialog")) closeChoice(false);
});
document.addEventListener("input", (event) => { if (event.target.matches(".choices input[type=search]")) search(event.target); });
document.addEventListener("keydown", (event) => {
  const box = event.target.closest?.(".choices");
  if (event.target.matches?.("a.choice") && ["ArrowDown", " "].includes(event.key)) {
    event.preventDefault();
    open(event.target);
  } else if (event.key === "Escape" && openChoice() && !document.querySelector("dialog:modal")) {
    event.preventDefault();
    closeChoice(true);
  } else if (box && /^(Arrow(Up|Down)|Enter)$/.test(event.key) || (box && event.target.type !== "search" && event.key.startsWith("Arrow"))) {
    const stop = walk(event, box);
    if (event.key !== "Enter" || event.target.type === "search") event.preventDefault();
    stop?.focus();
  }
});
document.addEventListener("focusin", (event) => {
  const choice = openChoice();
  if (choice && event.target !== choice && !event.target.closest(".choices, dialog, #messages")) closeChoice(false);
});

// Why not, and who was left out: pages of their own, shown over this one.
const dialog = () => document.getElementById("dialog");
let opener = null;
document.addEventListener("click", async (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  const link = event.target.closest("a[data-dialog]");
  if (link) {
    event.preventDefault();
    if (!dialog().open) opener = link;
    await htmx.ajax("GET", link.getAttribute("href"), { target: "#dialog-body", swap: "innerHTML" });
    if (document.getElementById("dialog-body").childElementCount && !dialog().open) dialog().showModal();
  } else if (event.target.closest("[data-close]")) event.target.closest("dialog")?.close();
});
// It does not bubble; and going back draws the whole page again, dialogs too.
document.addEventListener("close", (event) => {
  if (event.target !== dialog()) return;
  document.getElementById("dialog-body").replaceChildren();
  if (opener?.isConnected) opener.focus({ preventScroll: true });
}, true);

// Leaving: the draft stays on the server, and that is what is said; where the browser asks, it has words of its own.
let isLeaving = false;
const isUnsaved = () => chain()?.hasAttribute("data-unsaved") && !isLeaving;
addEventListener("beforeunload", (event) => { if (isUnsaved()) event.preventDefault(); });
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  if (link.hasAttribute("data-leave")) isLeaving = true;
  if (link.target || link.getAttribute("href").startsWith("#") || !isUnsaved()) return;
  event.preventDefault();
  const leave = document.getElementById("leave");
  leave.querySelector("[data-leave]").href = link.href;
  leave.querySelector("[data-held]").textContent = chain().dataset.held || "a few minutes from now";
  leave.showModal();
});
document.addEventListener("submit", (event) => { if (event.target.closest("#builder")) isLeaving = true; });
document.addEventListener("htmx:afterRequest", (event) => {
  isLeaving = Boolean(event.detail.xhr?.getResponseHeader("HX-Redirect"));
});

// The open page holds its vehicles a while longer, as long as somebody can see it.
const MINUTES = 4;
let renewed = 0;
function renew() {
  const address = chain()?.dataset.touch;
  if (!address || document.hidden || Date.now() - renewed < MINUTES * 60_000) return;
  renewed = Date.now();
  htmx.ajax("POST", address, { source: chain(), target: "#held", swap: "outerHTML" });
}
setInterval(renew, 15_000);
document.addEventListener("visibilitychange", renew);
renew();

// What is under way is marked at once, on the button and on the card.
document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt, requestConfig } = event.detail;
  if (requestConfig.verb === "get") return;
  requestConfig.triggeringEvent?.submitter?.classList.add("working");
  elt.closest(".slot")?.classList.add("working");
  renewed = Date.now();
});
document.addEventListener("htmx:afterRequest", () => {
  for (const mark of document.querySelectorAll(".working")) mark.classList.remove("working");
});

// What had the focus was drawn again: it goes where it was, else to the same card, else to the head of the chain.
let focused = null;
document.addEventListener("htmx:beforeSwap", () => {
  const active = document.activeElement;
  if (active && active !== document.body) focused = { id: active.id, slot: active.closest(".slot")?.id };
});
document.addEventListener("htmx:afterSettle", (event) => {
  const fault = document.querySelector("#chain-form [aria-invalid=true]:not([hidden])");
  if (fault && event.detail.xhr?.status === 422) fault.focus();
  if (!focused || ![document.body, null].includes(document.activeElement) || document.querySelector("dialog:modal")) return;
  const again = focused.id && document.getElementById(focused.id);
  const card = focused.slot && document.querySelector(`#${focused.slot} .choice`);
  ((again && !again.hidden && again) || card || document.getElementById("chain-title"))?.focus({ preventScroll: true });
  focused = null;
});
