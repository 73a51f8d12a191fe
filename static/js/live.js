// What others change appears by itself, and nothing the person is doing moves: rows are drawn again bar by bar.
"use strict";

(() => {
  const EVERY = 4000;
  const PATIENCE = 30000; // a short outage is nobody's business
  const LONGEST = 60000;
  const calendar = () => document.getElementById("calendar");
  const card = document.getElementById("card");
  let asking = false;
  let timer = null;
  let pressed = false; // a pointer is down on the board
  let isWaiting = false; // it was time to ask while something was in the hand
  let answered = 0; // answers to the person's own actions: an older picture must not be drawn over them
  let failing = null; // since when polls fail
  let failures = 0;
  let warning = null;
  let ahead = 0; // how far the server's clock is ahead of ours, in milliseconds

  const isBusy = () => pressed || "busy" in document.documentElement.dataset;
  const loanOfCard = () => (card.open && card.querySelector("[id^='card-of-']")?.id.slice(8)) || "0";
  const openForm = () => document.querySelector("dialog[open]:not(#card) form[data-loan]");
  const loanOfForm = () => openForm()?.dataset.loan || "0";
  const isTyped = (field) => (field.matches("select") ? [...field.options].some((one) => one.selected !== one.defaultSelected)
    : field.matches("[type=checkbox], [type=radio]") ? field.checked !== field.defaultChecked : field.value !== field.defaultValue);
  const isFilled = (box) => [...box.querySelectorAll("input:not([type=hidden]), textarea, select")].some((field) => field === document.activeElement || isTyped(field));

  // ---- asking

  function later(wait) {
    clearTimeout(timer);
    timer = setTimeout(ask, wait);
  }

  async function ask({ whole = false } = {}) {
    later(EVERY);
    const region = calendar();
    isWaiting = isBusy();
    if (asking || document.hidden || isWaiting || !region) return;
    expire();
    const [at, before] = [location.href, answered];
    const query = new URLSearchParams({ since: region.dataset.live });
    if (loanOfCard() !== "0") query.set("card", loanOfCard());
    if (loanOfForm() !== "0") query.set("form", loanOfForm());
    if (whole) query.set("all", "1");
    asking = true;
    const answer = await fetched(query, at);
    asking = false;
    if (!answer) return failed();
    const { response, text } = answer;
    const redirect = response.headers.get("HX-Redirect");
    if (redirect) return leave(redirect);
    recovered(response);
    // Another view was chosen meanwhile, or something was done that this does not know of yet: ask again.
    isWaiting = isBusy();
    if (region !== calendar() || at !== location.href || before !== answered || isWaiting) return later(250);
    const isLacking = text && follow(text);
    region.dataset.live = response.headers.get("Live-Token") || region.dataset.live;
    if (isLacking) ask({ whole: true });
  }

  // The answer with its text; nothing where there is none, or none that can be used.
  async function fetched(query, at) {
    try {
      const headers = { "HX-Request": "true", "HX-Current-URL": at };
      const response = await fetch(`/calendar/changes?${query}`, { headers, signal: AbortSignal.timeout(20000) });
      return response.ok ? { response, text: await response.text() } : null;
    } catch {
      return null;
    }
  }

  function failed() {
    failures += 1;
    failing ??= Date.now();
    later(Math.min(EVERY * 2 ** failures, LONGEST));
    if (Date.now() - failing < PATIENCE || warning?.isConnected) return;
    say("failed", "Changes by others are not coming in; trying again.");
    warning = document.getElementById("messages").lastElementChild;
  }

  function recovered(response) {
    failures = 0;
    failing = null;
    warning?.remove();
    const date = Date.parse(response.headers.get("Date"));
    if (date) ahead = date - Date.now();
  }

  // A sign-in that ended must not carry a half-filled form away.
  function leave(address) {
    clearTimeout(timer);
    if ([...document.querySelectorAll("dialog[open]")].some(isFilled)) {
      say("failed", "Your sign-in has ended. Keep what you typed; the next step leads to the login page.");
    } else {
      location.href = address;
    }
  }

  document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });
  document.addEventListener("pointerdown", (event) => { pressed = Boolean(event.target.closest?.("#board")); }, true);
  for (const kind of ["pointerup", "pointercancel", "dragend"]) window.addEventListener(kind, () => {
    pressed = false;
    if (isWaiting) later(250);
  }, true);
  document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.requestConfig?.verb !== "get") answered += 1; });

  // ---- drawing

  // Draws what changed; tells whether the page lacks a row that its view asks for.
  function follow(html) {
    const page = new DOMParser().parseFromString(html, "text/html");
    const [whole, followed] = [page.getElementById("calendar"), page.getElementById("followed")];
    const [keep, focus] = [rowsAgain.placed(), rowsAgain.focused()];
    const hasChanged = whole ? rowsAgain.drawAll(whole) : rowsAgain.drawRows(followed);
    keep();
    focus();
    if (hasChanged) rowsAgain.settle(Boolean(whole));
    tellCard(followed?.querySelector(".of-card"));
    tellForm(followed?.querySelector(".of-form"));
    return !whole && rowsAgain.isLackingOneOf(followed);
  }

  // ---- what the person has open

  function announce(text) {
    const box = document.getElementById("live-said");
    if (box && text) box.textContent = text;
  }

  function note(before, text) {
    const box = before.parentElement.querySelector(".live-note") || document.createElement("p");
    box.className = "banner warning live-note";
    box.setAttribute("role", "status");
    before.after(box);
    box.textContent = text;
  }

  function tellCard(news) {
    if (!news || loanOfCard() !== news.dataset.loan) return;
    const body = document.getElementById("card-body");
    const said = news.querySelector(".said").textContent;
    const fresh = news.querySelector("[id^='card-of-']");
    if ("isGone" in news.dataset) {
      note(body.querySelector(".card-head"), said || "This loan is no more.");
      for (const part of body.querySelectorAll(".acts")) part.remove();
      return;
    }
    if (isFilled(body)) {
      if (said) note(body.querySelector(".card-head"), said);
      return;
    }
    const old = body.querySelector("[id^='card-of-']");
    if (rowsAgain.plain(old) === rowsAgain.plain(fresh)) return;
    Idiomorph.morph(old, fresh, { morphStyle: "outerHTML", callbacks: rowsAgain.KEPT });
    htmx.process(body);
    announce(said);
    if (document.activeElement === document.body) card.querySelector(".close")?.focus({ preventScroll: true });
  }

  function tellForm(news) {
    if (!news || loanOfForm() !== news.dataset.loan) return;
    const head = openForm().querySelector(".card-head, h2, p") || openForm().firstElementChild;
    const said = news.querySelector(".said").textContent;
    if ("isGone" in news.dataset) note(head, said || "This loan is no more.");
    else if (said) note(head, `${said} What you typed is still here: look again before you save.`);
  }

  // ---- what is being planned

  function expire() {
    for (const bar of document.querySelectorAll("#board .being-planned[data-until]")) {
      if (Number(bar.dataset.until) * 1000 > Date.now() + ahead) continue;
      const focus = rowsAgain.focused();
      bar.remove();
      focus();
    }
  }

  later(EVERY);
})();
