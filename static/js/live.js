// What others change appears by itself, and nothing the person is doing moves: rows are drawn again bar by bar.
"use strict";

(() => {
  const EVERY = 4000;
  const PATIENCE = 30000; // a short outage is nobody's business
  const LONGEST = 60000;
  const calendar = () => document.getElementById("calendar");
  const board = () => document.getElementById("board");
  const card = document.getElementById("card");
  const dialog = document.getElementById("dialog");
  let asking = false;
  let timer = null;
  let pressed = false; // a pointer is down on the board
  let under = null; // the row the pointer is over
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
    if (asking || document.hidden || isBusy() || !region) return;
    expire();
    const [at, before] = [location.href, answered];
    const query = new URLSearchParams({ since: region.dataset.live });
    if (loanOfCard() !== "0") query.set("card", loanOfCard());
    if (loanOfForm() !== "0") query.set("form", loanOfForm());
    if (whole) query.set("all", "1");
    asking = true;
    try {
      const response = await fetch(`/calendar/changes?${query}`, { headers: { "HX-Request": "true", "HX-Current-URL": at }, signal: AbortSignal.timeout(20000) });
      const text = response.ok ? await response.text() : "";
      const redirect = response.headers.get("HX-Redirect");
      if (redirect) return leave(redirect);
      if (!response.ok) throw new Error(response.status);
      recovered(response);
      // Another view was chosen meanwhile, or something was done that this does not know of yet: ask again.
      if (region !== calendar() || at !== location.href || before !== answered || isBusy()) return later(250);
      if (text) follow(text);
      const token = response.headers.get("Live-Token");
      if (token) region.dataset.live = token;
    } catch {
      failed();
    } finally {
      asking = false;
      if (lacks) {
        lacks = false;
        ask({ whole: true });
      }
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
    if ((dialog.open && isFilled(dialog)) || (card.open && isFilled(card))) {
      say("failed", "Your sign-in has ended. Keep what you typed; the next step leads to the login page.");
    } else {
      location.href = address;
    }
  }

  document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });
  document.addEventListener("pointerdown", (event) => { pressed = Boolean(event.target.closest?.("#board")); }, true);
  for (const kind of ["pointerup", "pointercancel", "dragend"]) window.addEventListener(kind, () => { pressed = false; }, true);
  document.addEventListener("pointerover", (event) => { under = event.target.closest?.("#board .row") || null; });
  document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.requestConfig?.verb !== "get") answered += 1; });

  // ---- drawing

  let lacks = false; // a row that the view asks for is not on the page

  function follow(html) {
    const page = new DOMParser().parseFromString(html, "text/html");
    const [whole, followed] = [page.getElementById("calendar"), page.getElementById("followed")];
    const [keep, focus] = [placed(), focused()];
    const hasChanged = whole ? drawAll(whole) : drawRows(followed);
    keep();
    focus();
    if (hasChanged) settle(Boolean(whole));
    tellCard(followed?.querySelector(".of-card"));
    tellForm(followed?.querySelector(".of-form"));
  }

  // The row that the person looks at stays where it is on the screen.
  function placed() {
    const box = board();
    if (!box?.offsetParent) return () => {};
    const top = box.getBoundingClientRect().top + (box.querySelector(".days")?.offsetHeight || 0);
    const rows = [...box.querySelectorAll(".row")];
    const row = document.activeElement?.closest?.("#board .row") || (under?.isConnected && under) || rows.find((one) => one.getBoundingClientRect().bottom > top);
    const was = row?.getBoundingClientRect().top;
    return () => {
      const moved = row?.isConnected ? row.getBoundingClientRect().top - was : 0;
      if (moved) box.scrollTop += moved;
    };
  }

  // What had the focus gets it back if it was replaced; if it is gone, its row does.
  function focused() {
    const had = document.activeElement;
    const row = had?.closest?.("#board .row, #days li");
    if (!row) return () => {};
    const [href, name] = [had.getAttribute("href"), had.matches("input") ? had.value : null];
    return () => {
      if (document.activeElement === had && had.isConnected) return;
      const again = href ? document.querySelector(`:is(#board, #days) a[href="${CSS.escape(href)}"]`) : document.querySelector(`#board input[value="${CSS.escape(name || "")}"]`);
      const near = document.getElementById(row.id)?.querySelector("a[href]") || board();
      const next = again || near;
      if (next?.matches("#board a")) next.tabIndex = 0;
      next?.focus({ preventScroll: true });
    };
  }

  function drawRows(followed) {
    let hasChanged = false;
    for (const fresh of followed.querySelectorAll(":scope > .row")) {
      const row = document.getElementById(fresh.id);
      if (row) hasChanged = drawRow(row, fresh) || hasChanged;
    }
    for (const key of (followed.dataset.gone || "").split(" ").filter(Boolean)) {
      const row = document.getElementById(key);
      if (row) hasChanged = true;
      row?.remove();
    }
    lacks = (followed.dataset.belonging || "").split(" ").some((key) => key && !document.getElementById(key)) && Boolean(calendar());
    return hasChanged;
  }

  function drawAll(fresh) {
    const [mine, theirs] = [board(), fresh.querySelector("#board")];
    if (!mine || !theirs) return replaceAll(fresh);
    const rows = mine.querySelector(".rows");
    const known = new Map([...rows.children].map((row) => [row.id, row]));
    let next = rows.firstElementChild;
    for (const row of [...theirs.querySelectorAll(".rows > .row")]) {
      const old = known.get(row.id);
      known.delete(row.id);
      if (!old) rows.insertBefore(row, next);
      else {
        drawRow(old, row);
        if (old === next) next = next.nextElementSibling;
        else rows.insertBefore(old, next);
      }
    }
    for (const row of known.values()) row.remove();
    for (const part of [".days", ".backdrop", ".capacity"]) {
      const [old, row] = [mine.querySelector(`:scope > ${part}`), theirs.querySelector(`:scope > ${part}`)];
      if (old && row && old.outerHTML !== row.outerHTML) {
        old.replaceWith(row);
        htmx.process(row);
      }
    }
    return true;
  }

  // From an empty calendar to a full one, or back: all but the filters, in which somebody may be typing.
  function replaceAll(fresh) {
    const parts = "#board, #days, .empty";
    const old = [...calendar().querySelectorAll(parts)];
    for (const part of fresh.querySelectorAll(parts)) {
      calendar().append(part);
      htmx.process(part);
    }
    for (const part of old) part.remove();
    return true;
  }

  const plain = (element) => element.outerHTML.replace(/ tabindex="[^"]*"/g, "");
  const keyOf = (bar) => bar.querySelector("a")?.getAttribute("href");

  // Bars that stay are changed in place, so that focus, choice and tab order stay with them. Tells whether any did.
  function drawRow(row, fresh) {
    const [head, freshHead] = [row.querySelector(".head"), fresh.querySelector(".head")];
    let hasChanged = false;
    if (plain(head) !== plain(freshHead)) {
      head.replaceWith(freshHead);
      hasChanged = true;
    }
    const [bars, freshBars] = [row.querySelector(".bars"), fresh.querySelector(".bars")];
    const known = new Map([...bars.children].filter((bar) => bar.matches(".bar")).map((bar) => [keyOf(bar), bar]));
    let last = null;
    for (const bar of [...freshBars.children]) {
      const old = known.get(keyOf(bar));
      known.delete(keyOf(bar));
      if (!old) {
        last ? last.after(bar) : bars.prepend(bar);
        hasChanged = true;
      } else {
        hasChanged = drawBar(old, bar) || hasChanged;
      }
      last = old || bar;
    }
    for (const bar of known.values()) {
      bar.remove();
      hasChanged = true;
    }
    if (hasChanged) {
      settleTabs(row);
      row.classList.remove("changed");
      void row.offsetWidth; // begins the short glow anew
      row.classList.add("changed");
    }
    return hasChanged;
  }

  function drawBar(bar, fresh) {
    const isChosen = bar.classList.contains("chosen");
    bar.classList.remove("chosen");
    const isSame = plain(bar) === plain(fresh);
    if (!isSame) {
      copy(fresh, bar);
      const [link, freshLink] = [bar.querySelector("a"), fresh.querySelector("a")];
      copy(freshLink, link, ["tabindex"]);
      if (link.textContent !== freshLink.textContent) link.textContent = freshLink.textContent;
      const [box, freshBox] = [bar.querySelector("input"), fresh.querySelector("input")];
      if (box && freshBox) copy(freshBox, box, ["tabindex"]);
      else if (freshBox) bar.append(freshBox);
      else box?.remove();
    }
    if (isChosen && bar.querySelector("input")) bar.classList.add("chosen");
    return !isSame;
  }

  function copy(from, to, but = []) {
    for (const { name } of [...to.attributes]) if (!from.hasAttribute(name) && !but.includes(name)) to.removeAttribute(name);
    for (const { name, value } of [...from.attributes]) if (to.getAttribute(name) !== value && !but.includes(name)) to.setAttribute(name, value);
  }

  // What hangs on the rows: how many are idle, how many are chosen, the moves of the days, the list of a phone.
  function settle(isWhole) {
    const rows = [...document.querySelectorAll("#board .row")];
    const idle = rows.filter((row) => !row.querySelector(".bar:not(.being-planned)")).length;
    const corner = document.querySelector("#board .corner")?.firstChild;
    if (corner && !isWhole) corner.textContent = corner.textContent.replace(/^\s*\d+/, rows.length).replace(/\d+(?= idle)/, idle);
    document.dispatchEvent(new CustomEvent("calendarFollowed"));
    const line = document.getElementById("capacity");
    if (line && !isWhole) htmx.trigger(line, "again");
    const list = document.getElementById("days");
    if (list?.offsetParent) drawList(list);
  }

  async function drawList(list) {
    const address = list.getAttribute("hx-get");
    const response = await fetch(address, { headers: { "HX-Request": "true", "HX-Current-URL": location.href } }).catch(() => null);
    if (!response?.ok || response.headers.get("HX-Redirect") || list !== document.getElementById("days")) return;
    const fresh = document.createElement("div");
    fresh.innerHTML = await response.text();
    for (const root of [list, fresh]) name(root);
    const focus = focused();
    Idiomorph.morph(list, fresh, { morphStyle: "innerHTML", callbacks: KEPT });
    focus();
  }

  // By name the morph knows an entry again, so that the one that is focused stays the one.
  function name(root) {
    for (const entry of root.querySelectorAll("li.bar")) {
      const day = entry.closest("section")?.querySelector("h2")?.textContent;
      entry.id = `of-${day}-${entry.querySelector("a")?.getAttribute("href")}-${entry.querySelector("small")?.textContent}`.replace(/[^\w-]/g, "_");
    }
  }
  const KEPT = { beforeAttributeUpdated: (attribute, element) => attribute !== "checked" && !(attribute === "open" && element.matches("details")) };

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
    if (plain(old) === plain(fresh)) return;
    Idiomorph.morph(old, fresh, { morphStyle: "outerHTML", callbacks: KEPT });
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
      const focus = focused();
      bar.remove();
      focus();
    }
  }

  // A new loan's form holds its vehicle while it is open, so that others see that somebody is at it.
  const AGAIN = 5 * 60 * 1000;
  let plan = null;
  const planForm = () => dialog.open && dialog.querySelector("form.loan-form:not([data-loan])");

  function hold() {
    const form = planForm();
    if (!form) return;
    plan ??= { id: crypto.getRandomValues(new Uint8Array(16)).reduce((text, one) => text + one.toString(16).padStart(2, "0"), ""), said: "" };
    let field = form.elements.plan_id;
    if (!field) {
      field = document.createElement("input");
      field.type = "hidden";
      field.name = "plan_id";
      form.append(field);
    }
    field.value = plan.id;
    const values = new URLSearchParams(["plan_id", "vin", "person_id", "start_day", "end_day"].map((each) => [each, form.elements[each]?.value || ""]));
    if (plan.said === String(values) && Date.now() - plan.at < AGAIN) return;
    Object.assign(plan, { said: String(values), at: Date.now(), token: form.elements.csrf_token.value });
    fetch("/calendar/holds", { method: "POST", body: values, headers: { "HX-Request": "true", "X-CSRFToken": plan.token } }).catch(() => {});
  }

  function letGo() {
    if (!plan) return;
    const values = new FormData();
    values.set("plan_id", plan.id);
    values.set("csrf_token", plan.token);
    navigator.sendBeacon("/calendar/holds/release", values);
    plan = null;
  }

  if (dialog) {
    for (const kind of ["change", "htmx:afterSettle"]) document.addEventListener(kind, (event) => { if (dialog.contains(event.target)) setTimeout(hold); });
    new MutationObserver(() => setTimeout(hold)).observe(dialog, { attributes: true, attributeFilter: ["open"] });
    dialog.addEventListener("close", letGo);
    window.addEventListener("pagehide", letGo);
    setInterval(hold, 20000);
  }
  later(EVERY);
})();
