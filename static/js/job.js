// The page of a job follows what others do, without taking away what is being typed or saying one thing again and again.
"use strict";

const live = document.getElementById("live");
const tell = (text, isSeen = false) => {
  live.className = isSeen ? "banner warning" : "hidden-text";
  if (live.textContent !== text) live.textContent = text;
};
const isWatch = (event) => event.detail.elt?.id === "watch" || event.detail.requestConfig?.elt?.id === "watch";
const isTyping = () => document.activeElement?.matches("#job :is(input, textarea)") || Boolean(document.getElementById("off-reason")?.value);

document.addEventListener("htmx:beforeRequest", (event) => {
  if (isWatch(event) && (document.hidden || isTyping())) event.preventDefault();
});
// A refusal of the watch is no message: nobody asked.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!isWatch(event)) return;
  if (event.detail.xhr.status >= 400) {
    event.detail.shouldSwap = false;
    tell("This page is not up to date: our server does not answer as it should.", true);
  } else if (isTyping()) event.detail.shouldSwap = false;
});
document.addEventListener("htmx:afterOnLoad", (event) => {
  if (!isWatch(event) || event.detail.xhr.status >= 400) return;
  tell(event.detail.target?.id === "job" && event.detail.xhr.status === 200 ? "This page was updated: the job has changed." : "");
});
window.addEventListener("htmx:sendError", (event) => {
  if (!isWatch(event)) return;
  event.stopImmediatePropagation();
  tell("This page is not up to date: our server cannot be reached.", true);
}, true);
