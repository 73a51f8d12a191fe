// Rows drawn again as others changed them, in place: focus, choice, tab order and the place on the screen stay.
"use strict";

const rowsAgain = (() => {
  const calendar = () => document.getElementById("calendar");
  const board = () => document.getElementById("board");
  let under = null; // the row the pointer is over
  document.addEventListener("pointerover", (event) => { under = event.target.closest?.("#board .row") || null; });

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
    return hasChanged;
  }

  // Whether the view asks for a row that the page does not have: then only the whole board knows its place.
  const isLackingOneOf = (followed) => (followed?.dataset.belonging || "").split(" ").some((key) => key && !document.getElementById(key));

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

  return { placed, focused, drawRows, drawAll, settle, isLackingOneOf, plain, KEPT };
})();
