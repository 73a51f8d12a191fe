// The panel of a vehicle or a partner beside the board: opened by links that are pages, too; the focus is given back.
"use strict";

(() => {
  const panel = document.getElementById("panel");
  const body = document.getElementById("panel-body");
  const back = panel.querySelector("[data-back]");
  const narrow = matchMedia("(max-width: 700px)");
  let from = null; // the link or the bar it was opened from, by address: its row may be drawn again meanwhile
  let shown = "";
  let trail = []; // what was shown before, where one panel led to another

  const linkAt = (address) => [...document.querySelectorAll("#board .title")].find((link) => link.getAttribute("href") === address) || barAt(address);

  async function load(address) {
    const before = body.firstElementChild;
    await htmx.ajax("GET", address, { target: "#panel-body", swap: "innerHTML" });
    // Where it was refused, a message says so.
    if (!body.firstElementChild || body.firstElementChild === before) return false;
    shown = address;
    back.hidden = !trail.length;
    return true;
  }

  function focusHead() {
    const head = body.querySelector("h2");
    if (!head) return;
    head.tabIndex = -1;
    head.focus({ preventScroll: true });
  }

  // The header stays to be seen, and the board makes room where there is enough of it.
  function show() {
    const top = Math.max(0, document.getElementById("main").getBoundingClientRect().top);
    document.documentElement.style.setProperty("--panel-top", `${Math.round(top)}px`);
    if (!panel.open) narrow.matches ? panel.showModal() : panel.show();
    document.documentElement.classList.add("with-panel");
    panel.scrollTop = 0;
    focusHead();
  }

  async function open(link) {
    const address = link.getAttribute("href");
    const isInside = panel.contains(link);
    const origin = link.closest("#card") ? opener : address;
    const before = trail;
    trail = isInside ? [...trail, shown] : [];
    if (!(await load(address))) {
      trail = before;
      return;
    }
    if (!isInside) from = origin;
    closeCard(false);
    show();
    mark();
    linkAt(from)?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  // Whose row it is stays to be seen.
  function mark() {
    for (const link of document.querySelectorAll("#board .title[aria-current]")) link.removeAttribute("aria-current");
    if (panel.open) linkAt(from)?.matches(".title") && linkAt(from).setAttribute("aria-current", "true");
  }

  // What is in the panel is of now: whatever was planned or requested from it may have changed it.
  async function renew() {
    if (!panel.open) return;
    const place = panel.scrollTop;
    if (!(await load(shown))) return;
    panel.scrollTop = place;
    mark();
    if ([document.body, null].includes(document.activeElement)) focusHead();
  }

  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const link = event.target.closest("a[data-panel]");
    const loan = event.target.closest("#panel a:is([href^='/calendar/loans/'], [href^='/calendar/activities/'])");
    if (link) {
      event.preventDefault();
      open(link);
    } else if (loan) {
      event.preventDefault();
      const at = loan.getBoundingClientRect();
      if (narrow.matches) panel.close();
      barAt(loan.getAttribute("href"))?.scrollIntoView({ block: "nearest", inline: "nearest" });
      openCard(loan, at);
    }
  });
  back.addEventListener("click", async () => {
    const address = trail.pop();
    if (await load(address)) show();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || !panel.open || document.querySelector("dialog:modal")) return;
    event.preventDefault();
    panel.close();
  });
  panel.addEventListener("close", () => {
    document.documentElement.classList.remove("with-panel");
    body.replaceChildren();
    trail = [];
    mark();
    if (!card.open) (linkAt(from) || document.getElementById("board"))?.focus({ preventScroll: true });
  });
  document.body.addEventListener("loanDone", renew);
})();
