// A select with hundreds of entries becomes a field to type into; the select stays, and is what is sent.
"use strict";

const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

function combine(select) {
  const box = document.createElement("div");
  const field = document.createElement("input");
  const list = document.createElement("ul");
  const count = document.createElement("span");
  // "all": choosing nothing in particular is a choice, too, and stands first.
  const hasAll = select.dataset.combobox === "all";
  const options = [...select.options].filter((option) => option.value || hasAll);
  const hadFocus = document.activeElement === select;
  let active = -1;

  box.className = "combo";
  list.id = `${select.id}-list`;
  list.hidden = true;
  list.setAttribute("role", "listbox");
  // A label around the select names nothing but it, and holds the words of all its options.
  const label = select.labels[0];
  const called = (label?.htmlFor ? label : label?.querySelector("span"))?.textContent || "";
  list.setAttribute("aria-label", called);
  if (!label?.htmlFor) field.setAttribute("aria-label", called);
  count.className = "hidden-text";
  count.setAttribute("role", "status");
  field.type = "text";
  field.autocomplete = "off";
  field.placeholder = `${select.options[0]?.text || "Choose"} (${options.length})`;
  const chosen = () => (select.value || hasAll ? select.selectedOptions[0].text : "");
  field.value = chosen();
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-expanded": "false", "aria-controls": list.id, "aria-autocomplete": "list",
  })) field.setAttribute(name, value);
  for (const name of ["aria-invalid", "aria-describedby"]) {
    if (select.hasAttribute(name)) field.setAttribute(name, select.getAttribute(name));
  }
  field.id = select.id;
  select.id += "-select";
  select.hidden = true;
  box.append(field, list, count);
  select.after(box);
  if (hadFocus) field.focus();

  const shown = () => [...list.querySelectorAll("[role=option]")];
  const close = () => {
    list.hidden = true;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };
  const mark = (index) => {
    const items = shown();
    active = Math.max(0, Math.min(index, items.length - 1));
    items.forEach((item, number) => item.setAttribute("aria-selected", String(number === active)));
    items[active]?.scrollIntoView({ block: "nearest" });
    if (items[active]) field.setAttribute("aria-activedescendant", items[active].id);
  };
  const choose = (item) => {
    if (!item) return;
    select.value = item.dataset.value;
    field.value = item.textContent;
    close();
    select.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const open = (words) => {
    list.replaceChildren();
    let group = null;
    let number = 0;
    for (const option of options) {
      if (!words.every((word) => plain(option.text).includes(word))) continue;
      const name = option.parentElement.label || "";
      if (name && name !== group) {
        const heading = document.createElement("li");
        heading.className = "group";
        heading.setAttribute("role", "presentation");
        heading.textContent = group = name;
        list.append(heading);
      }
      const item = document.createElement("li");
      item.id = `${list.id}-${(number += 1)}`;
      item.setAttribute("role", "option");
      item.dataset.value = option.value;
      item.textContent = option.text;
      list.append(item);
    }
    if (!number) {
      const none = document.createElement("li");
      none.className = "group";
      none.setAttribute("role", "presentation");
      none.textContent = "Nothing matches";
      list.append(none);
    }
    count.textContent = `${number} found`;
    list.hidden = false;
    field.setAttribute("aria-expanded", "true");
    mark(options.findIndex((option) => !words.length && option.selected));
  };

  field.addEventListener("input", (event) => {
    event.stopPropagation();
    open(plain(field.value).split(/\s+/).filter(Boolean));
  });
  // What is typed is not the choice: the select announces that.
  field.addEventListener("change", (event) => event.stopPropagation());
  field.addEventListener("click", () => { field.select(); open([]); });
  field.addEventListener("blur", () => {
    close();
    field.value = chosen();
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) open([]);
      else mark(active + (event.key === "ArrowDown" ? 1 : -1));
    } else if (/^(Page(Up|Down)|Home|End)$/.test(event.key) && !list.hidden) {
      event.preventDefault();
      mark({ PageUp: active - 10, PageDown: active + 10, Home: 0, End: options.length }[event.key]);
    } else if (event.key === "Enter" && !list.hidden) {
      event.preventDefault();
      choose(shown()[active]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  });
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    choose(event.target.closest("[role=option]"));
  });
}

const combineAll = (root) => root.querySelectorAll("select[data-combobox]:not([hidden])").forEach(combine);
combineAll(document);
document.addEventListener("htmx:load", (event) => combineAll(event.detail.elt));
