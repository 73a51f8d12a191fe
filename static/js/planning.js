// The form of a new loan holds its vehicle softly while it is open, so that others see that somebody is at it.
"use strict";

(() => {
  const AGAIN = 5 * 60 * 1000;
  const dialog = document.getElementById("dialog");
  let plan = null; // the name of the open form, what it last said of itself, and when
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
    // One after the other: of two on the way at once the older could arrive last, and would be what others see.
    const send = () => fetch("/calendar/holds", { method: "POST", body: values, headers: { "HX-Request": "true", "X-CSRFToken": form.elements.csrf_token.value } }).catch(() => {});
    plan.sent = plan.sent ? plan.sent.then(send) : send();
  }

  function letGo({ type } = {}) {
    if (!plan) return;
    const values = new FormData();
    values.set("plan_id", plan.id);
    values.set("csrf_token", plan.token);
    const send = () => navigator.sendBeacon("/calendar/holds/release", values);
    // What was sent before must not arrive after.
    if (type === "pagehide") send();
    else plan.sent.finally(send);
    plan = null;
  }

  if (dialog) {
    for (const kind of ["change", "htmx:afterSettle"]) document.addEventListener(kind, (event) => { if (dialog.contains(event.target)) setTimeout(hold); });
    new MutationObserver(() => setTimeout(hold)).observe(dialog, { attributes: true, attributeFilter: ["open"] });
    dialog.addEventListener("close", letGo);
    window.addEventListener("pagehide", letGo);
    setInterval(hold, 20000);
  }
})();
