// The card at a bar and the form dialog: opened by links that also work as pages, focus given back to the bar.
"use strict";

const card = document.getElementById("card");
const dialog = document.getElementById("dialog");
const keys = document.getElementById("keys");
let opener = null; // the address of the bar, since its row may be drawn again meanwhile

const barAt = (address) => (address ? document.querySelector(`.bar > a[href="${address}"]`) : null);

// Nothing has the focus any more: what had it was drawn again, or was disabled while it was sent.
const isAstray = () => [document.body, document.getElementById("board"), dialog, null].includes(document.activeElement);

function closeCard(focus = true) {
  if (!card.open) return;
  card.close();
  document.getElementById("card-body").replaceChildren();
  if (focus) (barAt(opener) || placeOfFocus() || document.getElementById("board"))?.focus({ preventScroll: true });
}

function placeCard(at, box = card) {
  const gap = 8;
  const left = Math.min(Math.max(at.left, gap), innerWidth - box.offsetWidth - gap);
  const below = at.bottom + gap;
  // In a frame taller than its window a part of ours is hidden below.
  const hidden = parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--hidden-below")) || 0;
  const above = parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--hidden-above")) || 0;
  const fits = below + box.offsetHeight < innerHeight - hidden;
  box.style.left = `${left}px`;
  box.style.top = `${fits ? below : Math.max(above + gap, at.top - box.offsetHeight - gap)}px`;
}

// What can be done comes first; where nothing can, the way out.
function focusCard() {
  (card.querySelector(".acts :is(button, a, summary)") || card.querySelector(".close"))?.focus({ preventScroll: true });
}

async function openCard(link, at = link.getBoundingClientRect()) {
  opener = link.getAttribute("href");
  await htmx.ajax("GET", opener, { target: "#card-body", swap: "innerHTML" });
  if (!document.getElementById("card-body").childElementCount) return;
  if (!card.open) card.show();
  placeCard((barAt(opener) || link).getBoundingClientRect().width ? (barAt(opener) || link).getBoundingClientRect() : at);
  focusCard();
}

async function openForm(address, from) {
  if (!card.open && !from?.closest("dialog")) opener = from?.closest(".bar")?.querySelector("a").getAttribute("href") || null;
  await htmx.ajax("GET", address, { target: "#dialog-body", swap: "innerHTML" });
  if (!document.getElementById("dialog-body").childElementCount) return;
  closeCard(false);
  document.getElementById("ask")?.close();
  if (!dialog.open) dialog.showModal();
  const empty = [...dialog.querySelectorAll(".combo input")].find((field) => !field.value);
  (empty || dialog.querySelector("#loan-start"))?.focus();
}

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  const form = event.target.closest("a[data-dialog]");
  const bar = event.target.closest(".bar > a, a.batch-loan");
  if (form) {
    event.preventDefault();
    openForm(form.getAttribute("href"), form);
  } else if (bar) {
    event.preventDefault();
    openCard(bar);
  } else if (event.target.closest("[data-close]")) {
    event.target.closest("dialog") === card ? closeCard() : event.target.closest("dialog")?.close();
  } else if (card.open && !event.target.closest("#card, #messages")) {
    closeCard(false);
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !card.open || dialog.open) return;
  event.preventDefault();
  closeCard();
});
dialog.addEventListener("close", () => {
  document.getElementById("dialog-body").replaceChildren();
  barAt(opener)?.focus({ preventScroll: true });
});

// Within the same tick as the click: the bar shows that something is on its way.
document.addEventListener("htmx:beforeRequest", (event) => {
  const loan = event.detail.elt.dataset?.loan;
  if (loan) document.getElementById(`b${loan}`)?.classList.add("working");
});
document.addEventListener("htmx:afterRequest", (event) => {
  const loan = event.detail.elt.dataset?.loan;
  if (loan) document.getElementById(`b${loan}`)?.classList.remove("working");
  if (event.detail.elt.hasAttribute?.("data-undo")) event.detail.elt.closest(".message")?.remove();
});
document.body.addEventListener("loanDone", (event) => {
  const isAbout = (box) => event.detail.loans.some((loan) => box.querySelector(`[data-loan="${loan}"]`));
  if (card.open && isAbout(card)) closeCard();
  for (const box of [dialog, document.getElementById("ask")]) if (box?.open && isAbout(box)) box.close();
  const bar = event.detail.loans.map((loan) => barAt(`/calendar/loans/${loan}`)).find(Boolean);
  if (isAstray()) (bar || placeOfFocus())?.focus({ preventScroll: true });
});
document.addEventListener("htmx:afterSettle", () => {
  // A form that was answered with a message alone leaves nothing behind in its dialog.
  for (const name of ["dialog", "ask"]) {
    const box = document.getElementById(name);
    if (box?.open && !document.getElementById(`${name}-body`).childElementCount) box.close();
  }
});
// What was drawn again under the focus gets it back: a form at its first fault, a card at its first action.
document.addEventListener("htmx:afterSettle", (event) => {
  if (!dialog.open || !isAstray() || !event.detail.elt.matches?.(".loan-form")) return;
  (dialog.querySelector("[aria-invalid]:not([hidden])") || dialog.querySelector(".button.primary"))?.focus();
});
document.addEventListener("htmx:oobAfterSwap", (event) => {
  if (card.open && isAstray() && event.detail.target?.id.startsWith("card-of-")) focusCard();
});
