// Keys on a bar, and bars chosen for a bulk run.
"use strict";

const MOST = 100;
const chosen = () => [...document.querySelectorAll(".bar input:checked")];

function count() {
  for (const box of document.querySelectorAll(".bar input")) box.closest(".bar").classList.toggle("chosen", box.checked);
  const number = chosen().length;
  const words = document.querySelector("#bulk .count");
  if (!words) return;
  words.textContent = number > MOST ? `${number} chosen; at most ${MOST} go in one run` : `${number} chosen`;
  for (const button of document.querySelectorAll("#bulk button[name=kind]")) button.disabled = number > MOST;
}

document.addEventListener("change", (event) => { if (event.target.matches(".bar input")) count(); });
document.addEventListener("click", (event) => {
  const choose = event.target.closest("[data-choose]");
  if (!choose) return;
  const look = choose.dataset.choose;
  for (const box of document.querySelectorAll(".bar input")) {
    box.checked = look ? box.checked || box.closest(".bar").matches(`.${look}:not(.faded)`) : false;
  }
  count();
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.elt.id !== "bulk" || !event.detail.successful) return;
  for (const box of chosen()) {
    box.checked = false;
    box.closest(".bar").classList.add("working");
  }
  count();
});
document.addEventListener("htmx:afterSettle", count);

// R, U, Delete and C open the card and press what it offers there: what the state forbids is not there to press.
async function act(bar, action) {
  await openCard(bar);
  const button = document.querySelector(`#card-body [data-act="${action}"], #card-body a[href$="/${action}"]`);
  if (!button) return;
  button.focus();
  button.click();
  if (action === "ask-delete") button.parentElement.querySelector("form button").focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog:modal")) return;
  const bar = event.target.closest?.("#board .bar > a");
  const row = event.target.closest?.("#board .row");
  const key = event.key.toLowerCase();
  const actions = { r: "request", u: "unrequest", delete: "ask-delete", c: "change" };
  if (bar && actions[key]) act(bar, actions[key]);
  else if (bar && key === "x") bar.parentElement.querySelector("input")?.click();
  else if (row && key === "p") row.querySelector(".plan")?.click();
  else return;
  event.preventDefault();
});
