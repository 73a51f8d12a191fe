// Finding: the list under the search field, of what is at any office on any day; and the way to what was chosen.
"use strict";

const found = document.createElement("div");
const foundCount = document.createElement("p");
found.id = "found";
found.hidden = true;
foundCount.className = "hidden-text";
foundCount.setAttribute("role", "status");
document.getElementById("main").append(found, foundCount);

const searchField = () => document.getElementById("q");
const foundOptions = () => [...found.querySelectorAll("[role=option]")];
let asking = 0;
let chosenFind = -1;
let isJumping = false;

function showFound(isShown) {
  const field = searchField();
  found.hidden = !isShown;
  if (!isShown) { chosenFind = -1; foundCount.textContent = ""; }
  field?.setAttribute("aria-expanded", String(isShown && foundOptions().length > 0));
  if (!field || !isShown) return field?.removeAttribute("aria-activedescendant");
  const at = field.getBoundingClientRect();
  const width = Math.min(Math.max(at.width, 440), innerWidth - 16);
  found.style.width = `${width}px`;
  found.style.left = `${Math.max(8, Math.min(at.left, innerWidth - width - 8))}px`;
  found.style.top = `${at.bottom + 4}px`;
  return undefined;
}

function markFind(index) {
  const options = foundOptions();
  if (!options.length) return;
  chosenFind = (index + options.length) % options.length;
  options.forEach((option, number) => {
    option.id = `find-${number}`;
    option.setAttribute("aria-selected", String(number === chosenFind));
  });
  options[chosenFind].scrollIntoView({ block: "nearest" });
  searchField().setAttribute("aria-activedescendant", options[chosenFind].id);
}

async function askForFinds() {
  const words = searchField().value.trim();
  if (words.length < 3) { showFound(false); return; }
  await htmx.ajax("GET", `/calendar/search?q=${encodeURIComponent(words)}`, { source: found, target: found, swap: "innerHTML" });
  if (document.activeElement !== searchField() || !found.childElementCount) return;
  showFound(true);
  chosenFind = -1;
  searchField().removeAttribute("aria-activedescendant");
  const total = found.querySelector("[data-total]")?.dataset.total;
  foundCount.textContent = total === "0" ? "Nothing found" : `${total} found; the arrow down key leads into the list`;
}

// To what was chosen: the server finds the days, the office and the rows in which it stands.
async function jumpTo(option) {
  const address = option.getAttribute("href");
  showFound(false);
  if (option.hasAttribute("data-page")) { location.assign(address); return; }
  clearTimeout(asking);
  isJumping = true;
  htmx.trigger("#calendar", "htmx:abort");
  await htmx.ajax("GET", address, { source: found, target: "#calendar", swap: "outerHTML" });
  isJumping = false;
}

// What was being typed would otherwise filter the board that was just jumped to.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (isJumping && event.detail.elt.id === "filters") event.preventDefault();
});

document.addEventListener("input", (event) => {
  if (event.target !== searchField()) return;
  clearTimeout(asking);
  asking = setTimeout(askForFinds, 150);
});
document.addEventListener("keydown", (event) => {
  if (event.target !== searchField()) return;
  const isOpen = !found.hidden;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (isOpen) markFind(chosenFind + (event.key === "ArrowDown" ? 1 : chosenFind < 0 ? 0 : -1));
    else askForFinds();
  } else if (event.key === "Enter" && isOpen && chosenFind >= 0) {
    event.preventDefault();
    jumpTo(foundOptions()[chosenFind]);
  } else if (event.key === "Enter") {
    clearTimeout(asking);
    showFound(false);
  } else if (event.key === "Escape" && isOpen) {
    event.preventDefault();
    event.stopPropagation();
    showFound(false);
  }
}, true);
document.addEventListener("focusout", (event) => {
  if (event.target === searchField()) requestAnimationFrame(() => { if (document.activeElement !== searchField()) showFound(false); });
});
// The field keeps the focus while the list is used with the pointer.
found.addEventListener("mousedown", (event) => event.preventDefault());
found.addEventListener("click", (event) => {
  const option = event.target.closest("[role=option]");
  if (!option || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  jumpTo(option);
});

// What the address wants shown: a bar with its card open, or a row.
function showWanted() {
  const { opens } = document.getElementById("calendar").dataset;
  const row = document.getElementById(document.getElementById("wanted").dataset.row);
  if (row) {
    row.scrollIntoView({ block: "center" });
    row.classList.add("changed");
    const title = row.querySelector(".title");
    title.tabIndex = 0;
    title.focus({ preventScroll: true });
  }
  if (!opens) return;
  const bar = document.querySelector(`.bar > a[href="${opens}"]`);
  if (bar) {
    bar.scrollIntoView({ block: "center", inline: "nearest" });
    openCard(bar);
    return;
  }
  // Not to be shown on any board: the card says where and when it is.
  const link = document.createElement("a");
  link.setAttribute("href", opens);
  openCard(link, new DOMRect(innerWidth / 2 - 210, 120));
}
window.addEventListener("load", showWanted);

// A menu that was open stays so when its choice draws the calendar again, and the focus stays where it was.
let before = {};
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target?.id !== "calendar") return;
  before = { menu: document.querySelector("#calendar details[id][open]")?.id, focus: document.activeElement?.id };
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.elt?.id !== "calendar") return;
  const menu = before.menu && document.getElementById(before.menu);
  if (menu) {
    menu.open = true;
    if (document.activeElement === document.body) document.getElementById(before.focus)?.focus();
  }
  if (!found.hidden) showFound(true);
  if (isJumping) showWanted();
});
// A year that is still being typed is no date yet.
document.addEventListener("change", (event) => {
  if (event.target.matches("#filters input[type=date]") && event.target.value && event.target.value < "1990") event.stopPropagation();
}, true);
