// Taps of a crew: kept in the phone until our server has answered them, sent in order, carried out once.
//
// A tap is a form that was sent off: what is wanted (never "the other way round"), with an id of its own. It is
// shown at once, marked as waiting, and kept in localStorage under one key of its own, so that two tabs never
// write the same entry. The server remembers the ids, so sending one twice does no harm; not sending it would.
"use strict";

(() => {
  const bar = document.getElementById("taps");
  if (!bar) return;
  const USER = bar.dataset.user;
  const PREFIX = `tap:${USER}:`;
  const REFRESH = 15_000;
  const PATIENCE = 20_000;
  // What each sending has of its own; the rest of a form is the tap.
  const OWN = ["csrf_token", "tap_id", "by"];
  const PAUSES = [1, 2, 4, 8, 15, 30, 60];
  // Two touches within this time on one control are one trembling thumb.
  const TREMBLE = 600;

  let token = bar.dataset.token;
  let base = live().cloneNode(true);
  let readAt = new Date(bar.dataset.readAt);
  let trouble = null;
  let failures = 0;
  let changes = 0;
  let timer = 0;
  let isSending = false;
  let lastTouch = { control: "", at: -Infinity };

  function live() { return document.getElementById("live"); }

  // --- what waits -----------------------------------------------------------------------------------------

  function keys() {
    return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX)).sort();
  }

  function waiting() {
    return keys().map((key) => ({ key, ...JSON.parse(localStorage.getItem(key)) }));
  }

  function keep(tap) {
    // In the order of the taps, even when the phone's clock is set back between two of them.
    const last = Number(keys().at(-1)?.slice(PREFIX.length).split(":")[0] ?? 0);
    const moment = String(Math.max(Date.now(), last + 1)).padStart(15, "0");
    localStorage.setItem(`${PREFIX}${moment}:${tap.id}`, JSON.stringify(tap));
    changes += 1;
  }

  function forget(tap) {
    localStorage.removeItem(tap.key);
    changes += 1;
  }

  function newId() {
    // crypto.randomUUID is missing where the page came without TLS.
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }

  // --- what is seen ---------------------------------------------------------------------------------------

  function draw() {
    const taps = waiting();
    for (const mark of live().querySelectorAll(".waits")) mark.hidden = true;
    taps.forEach(show);
    for (const job of live().querySelectorAll("[data-stage]")) openPhaseAtHand(job);
    tell(taps);
  }

  function show(tap) {
    const count = live().querySelector(`[data-taps-for="${tap.journey}"]`);
    if (count) count.hidden = false;
    const job = live().querySelector(`[data-journey="${tap.journey}"]`);
    if (!job) return;
    if (tap.kind === "stage") showStage(job, tap.fields.to);
    if (tap.kind === "tick") showTick(job, tap.fields);
    if (tap.kind === "problem") showProblem(job, tap.fields.text);
    for (const mark of job.querySelectorAll(`.waits[data-of="${tap.fields.item ?? tap.kind}"]`)) mark.hidden = false;
  }

  function showStage(job, stage) {
    job.dataset.stage = stage;
    for (const part of job.querySelectorAll("[data-at]")) part.hidden = !part.dataset.at.split(" ").includes(stage);
  }

  function showTick(job, { item, is_done: isDone }) {
    const form = job.querySelector(`form[data-item="${item}"]`);
    if (!form) return;
    form.querySelector("button").setAttribute("aria-checked", isDone === "yes" ? "true" : "false");
    form.elements.is_done.value = isDone === "yes" ? "no" : "yes";
    const phase = form.closest("[data-stages]");
    phase.querySelector(".done").textContent = phase.querySelectorAll("[aria-checked=true]").length;
  }

  function showProblem(job, text) {
    job.querySelector(".problem-said").textContent = text;
    for (const part of job.querySelectorAll("[data-if-problem]")) part.hidden = !text;
    for (const field of job.querySelectorAll("form[data-tap=problem] textarea")) field.value = "";
  }

  // The first phase of the stage with something left to tick, else the last; another one opens when it changes.
  function openPhaseAtHand(job) {
    const phases = [...job.querySelectorAll("[data-stages]")].filter((phase) =>
      phase.dataset.stages.split(" ").includes(job.dataset.stage));
    const atHand = phases.find((phase) => phase.querySelector("[aria-checked=false]")) ?? phases.at(-1);
    const name = `${job.dataset.stage}/${atHand?.id}`;
    if (!atHand || job.dataset.atHand === name) return;
    if (job.dataset.atHand && !job.dataset.atHand.startsWith(job.dataset.stage)) {
      for (const phase of job.querySelectorAll("[data-stages]")) phase.open = false;
    }
    job.dataset.atHand = name;
    atHand.open = true;
  }

  function tell(taps = waiting()) {
    const time = readAt.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    const how = trouble === "network" ? "No connection. As of" : "As of";
    put("taps-time", `${taps.length || trouble ? how : "Up to date"} ${time}`);
    const count = taps.length === 1 ? "1 tap waits to be sent" : `${taps.length} taps wait to be sent`;
    put("taps-waiting", taps.length ? count : "");
    bar.classList.toggle("waits-here", taps.length > 0 || Boolean(trouble));
    bar.querySelector("details").hidden = !taps.length;
    const list = taps.map((tap) => Object.assign(document.createElement("li"), { textContent: tap.words }));
    bar.querySelector("details ol").replaceChildren(...list);
    bar.querySelector(".gate").hidden = trouble !== "gate";
    bar.querySelector(".somebody").hidden = trouble !== "somebody";
  }

  // Only what has changed, so that a screen reader says it once.
  function put(id, text) {
    const place = document.getElementById(id);
    if (place.textContent !== text) place.textContent = text;
  }

  // Draws what the server says, without taking what somebody is writing or has unfolded.
  function swapIn(fresh) {
    const old = live();
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    base = fresh.cloneNode(true);
    for (const part of old.querySelectorAll("details[id]")) {
      const same = fresh.querySelector(`#${part.id}`);
      if (same) same.open = part.open;
    }
    for (const field of old.querySelectorAll("textarea[id]")) {
      const same = fresh.querySelector(`#${field.id}`);
      if (same && field.value) same.value = field.value;
    }
    const job = fresh.querySelector("[data-stage]");
    if (job) job.dataset.atHand = old.querySelector("[data-stage]")?.dataset.atHand ?? "";
    old.replaceWith(fresh);
    if (focused?.id) document.getElementById(focused.id)?.focus({ preventScroll: true });
  }

  function readPage(html) {
    return new DOMParser().parseFromString(html, "text/html").getElementById("live");
  }

  // --- sending --------------------------------------------------------------------------------------------

  async function ask(address, options, mark) {
    const answer = await fetch(address, {
      ...options,
      headers: { "HX-Request": "true", "X-Tap": mark },
      signal: AbortSignal.timeout?.(PATIENCE),
    });
    // A hotel's sign-in page answers 200, too: only an answer that names what we asked is our server's.
    if (answer.headers.get("X-Tap") !== mark) throw new TypeError("not our server");
    // Sent to the sign-in page: the sign-in has ended.
    if (answer.headers.has("HX-Redirect")) return { status: 401, why: "gate", text: "" };
    return { status: answer.status, why: answer.status === 401 ? "somebody" : "", text: await answer.text() };
  }

  async function post(tap) {
    const body = new URLSearchParams({ ...tap.fields, tap_id: tap.id, by: USER, csrf_token: token });
    return ask(tap.address, { method: "POST", body }, tap.id);
  }

  async function postAnew(tap) {
    // The page is older than the sign-in: its token counts no more, the tap does.
    const found = await ask(bar.dataset.tokens, {}, newId());
    if (found.status !== 200) return found;
    token = found.text;
    return post(tap);
  }

  // True: the tap is settled, one way or the other. False: it is kept, and so is all that comes after it.
  async function send(tap) {
    let found = await post(tap);
    if (found.status === 400) found = await postAnew(tap);
    if (found.status === 401) return stop(found.why);
    if (found.status === 429 || found.status >= 500) return stop("server");
    forget(tap);
    heard();
    if (found.status < 300) {
      const fresh = readPage(found.text);
      if (fresh && fresh.dataset.address === live().dataset.address) swapIn(fresh);
    } else {
      const words = found.status === 400 ? "It could not be understood." : found.text;
      say("refused", `Not done: ${tap.words}. ${words}`);
      swapIn(base.cloneNode(true));
      // What is true now is asked for whatever the board's mark says.
      live().dataset.mark = "";
    }
    draw();
    return true;
  }

  function heard() {
    readAt = new Date();
    trouble = null;
    failures = 0;
  }

  function stop(why) {
    trouble = why;
    return false;
  }

  async function sendAll() {
    let sent = 0;
    for (let tap; (tap = waiting()[0]); sent += 1) {
      if (!(await send(tap).catch(() => stop("network")))) break;
    }
    return sent;
  }

  // So that the order holds. Where there are no locks (no TLS), or a tab that sleeps holds one, it is done all the
  // same: the server doubles nothing.
  async function oneTabAtATime(work) {
    if (!navigator.locks) return work();
    try {
      return await navigator.locks.request(PREFIX, { signal: AbortSignal.timeout?.(2 * PATIENCE) }, work);
    } catch (fault) {
      if (fault.name !== "TimeoutError" && fault.name !== "AbortError") throw fault;
      return work();
    }
  }

  async function flush() {
    clearTimeout(timer);
    if (isSending) return;
    isSending = true;
    let sent = 0;
    try {
      sent = await oneTabAtATime(sendAll);
    } finally {
      isSending = false;
    }
    draw();
    if (waiting().length) {
      timer = setTimeout(flush, PAUSES[Math.min(failures, PAUSES.length - 1)] * 1000);
      failures += 1;
    } else if (sent) {
      await refresh();
    }
  }

  // What others did meanwhile; nothing is drawn over a tap made while we asked.
  async function refresh() {
    if (waiting().length) return flush();
    const before = changes;
    const address = new URL(live().dataset.address, location.href);
    address.searchParams.set("known", live().dataset.mark);
    try {
      const { status, text, why } = await ask(address, {}, newId());
      if (before !== changes) return undefined;
      if (status === 401) stop(why);
      if (status < 300 || status === 404) heard();
      const fresh = status === 200 || status === 404 ? readPage(text) : null;
      // Somebody else has signed in on this phone: this page is not theirs.
      if (fresh && fresh.dataset.user !== USER) location.reload();
      else if (fresh) swapIn(fresh);
    } catch {
      stop("network");
    }
    return draw();
  }

  // --- the hand -------------------------------------------------------------------------------------------

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-tap]");
    if (!form) return;
    // The next step's button takes the place of the one just touched, so all steps are one control.
    const control = form.dataset.tap === "stage" ? "stage" : form.dataset.words;
    const trembled = control === lastTouch.control && performance.now() - lastTouch.at < TREMBLE;
    lastTouch = { control, at: performance.now() };
    if (trembled) {
      event.preventDefault();
      return;
    }
    const fields = Object.fromEntries([...new FormData(form)].filter(([name]) => !OWN.includes(name)));
    const journey = form.closest("[data-journey]").dataset.journey;
    const address = new URL(form.action).pathname;
    try {
      const words = [form.dataset.words, fields.text ?? fields.reason].filter(Boolean).join(": ");
      keep({ id: newId(), journey, kind: form.dataset.tap, address, fields, words });
    } catch {
      return; // This phone keeps nothing: the form goes the plain way.
    }
    event.preventDefault();
    form.closest("details.aside")?.removeAttribute("open");
    for (const field of form.querySelectorAll("textarea")) field.value = "";
    draw();
    failures = 0;
    flush();
  });

  bar.addEventListener("click", (event) => {
    if (event.target.closest("[data-send-now]")) flush();
    if (event.target.closest("[data-forget]") && confirm("Forget these taps? They have not reached the desk.")) {
      waiting().forEach(forget);
      swapIn(base.cloneNode(true));
      draw();
    }
  });

  function wake() {
    if (document.visibilityState !== "visible") return;
    failures = 0;
    refresh();
  }
  addEventListener("online", wake);
  addEventListener("pageshow", (event) => { if (event.persisted) wake(); });
  document.addEventListener("visibilitychange", wake);
  addEventListener("storage", (event) => {
    if (event.key && !event.key.startsWith(PREFIX)) return;
    changes += 1;
    draw();
    // Another tab has sent it: what came of it, the server knows.
    if (!waiting().length) refresh();
  });
  setInterval(() => {
    if (document.visibilityState === "visible" && !waiting().length) refresh();
  }, REFRESH);

  draw();
  if (waiting().length) flush();
})();
