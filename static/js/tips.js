// One tooltip for all bars and days: the sentence that screen readers hear. For rows too: names are cut, and covered by
// their buttons. Escape puts it away.
"use strict";

const tip = document.createElement("div");
tip.className = "tip";
tip.hidden = true;
tip.setAttribute("aria-hidden", "true");
document.body.append(tip);

function placeTip(at) {
  const css = getComputedStyle(document.documentElement);
  const hidden = parseFloat(css.getPropertyValue("--hidden-below")) || 0;
  tip.style.left = `${Math.max(8, Math.min(at.left, innerWidth - tip.offsetWidth - 8))}px`;
  const fits = at.bottom + 6 + tip.offsetHeight < innerHeight - hidden;
  tip.style.top = `${fits ? at.bottom + 6 : at.top - tip.offsetHeight - 6}px`;
}

function showTip(event) {
  const about = event.target.closest?.(".board :is(.bar > a, a.load, .row :is(.title, small))");
  const isQuiet = !about || (event.type === "focusin" && !about.matches(":focus-visible")) || document.getElementById("card").open;
  tip.hidden = isQuiet;
  if (isQuiet) return;
  tip.textContent = (about.closest(".row .head") || about).getAttribute("aria-label");
  placeTip(about.getBoundingClientRect());
}

for (const kind of ["pointerover", "focusin"]) document.addEventListener(kind, showTip);
document.addEventListener("scroll", () => { tip.hidden = true; }, true);
document.addEventListener("htmx:beforeSwap", () => { tip.hidden = true; });
document.addEventListener("keydown", (event) => { if (event.key === "Escape") tip.hidden = true; });
