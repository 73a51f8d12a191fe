// Messages that can be dismissed, menus that close, and the page that says when the network is gone.
"use strict";

document.addEventListener("click", (event) => {
  const close = event.target.closest("[data-dismiss]");
  if (close) close.closest(".message, .panel")?.remove();
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest?.("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// A message of success leaves by itself; one that was refused, failed or is uncertain stays until dismissed.
function fade(message) {
  if (!message.classList.contains("done") || message.dataset.timed) return;
  message.dataset.timed = "yes";
  const leave = () => {
    if (message.matches(":hover, :focus-within")) setTimeout(leave, 4000);
    else message.remove();
  };
  setTimeout(leave, 15000);
}
// What is said of a thing last is what counts: an older message about it, and its Undo, would mislead.
new MutationObserver(() => {
  const messages = [...document.querySelectorAll("#messages .message")];
  const latest = messages.at(-1)?.dataset.about;
  for (const older of messages.slice(0, -1)) {
    if (latest && older.dataset.about === latest) older.remove();
  }
  messages.forEach(fade);
}).observe(document.getElementById("messages"), { childList: true });
document.querySelectorAll("#messages .message").forEach(fade);

// Inside FMS's frame: how much of our window is hidden above and below, so that dialogs and messages are seen. Of one
// probe as high as a tall frame the same share may be seen before and after scrolling, and nobody would be told; strips
// of it come and go.
if (window !== window.top) {
  const probe = document.createElement("div");
  probe.className = "seen";
  const strips = Array.from({ length: 60 }, () => document.createElement("i"));
  probe.append(...strips);
  document.body.append(probe);
  const seen = new Map();
  const watch = new IntersectionObserver((entries) => {
    for (const { target, intersectionRect: part } of entries) part.height ? seen.set(target, part) : seen.delete(target);
    if (!seen.size) return;
    const parts = [...seen.values()];
    const above = Math.min(...parts.map((part) => part.top));
    const below = probe.getBoundingClientRect().bottom - Math.max(...parts.map((part) => part.bottom));
    document.documentElement.style.setProperty("--hidden-above", `${Math.round(above)}px`);
    document.documentElement.style.setProperty("--hidden-below", `${Math.round(below)}px`);
  }, { threshold: [0, 0.25, 0.5, 0.75, 1] });
  for (const strip of strips) watch.observe(strip);
}

function say(kind, text) {
  const box = document.createElement("div");
  box.className = `message ${kind}`;
  box.setAttribute("role", "alert");
  const words = document.createElement("p");
  words.textContent = text;
  const close = document.createElement("button");
  close.className = "close";
  close.type = "button";
  close.dataset.dismiss = "";
  close.setAttribute("aria-label", "Dismiss");
  close.textContent = "×";
  box.append(words, close);
  document.getElementById("messages").append(box);
}

document.addEventListener("htmx:sendError", () => {
  say("failed", "Our server cannot be reached. Reload the page to see what was done before you try again.");
});
