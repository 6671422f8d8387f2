"use strict";
// With scripts the browser reads the page of a person as mere text, and hundreds of them open at once; a page
// is laid out when it is asked for. Without scripts all are there, and :target chooses.
document.documentElement.classList.add("on");
const waiting = new Map([...document.querySelectorAll("noscript[data-page]")].map((one) => [one.dataset.page, one]));
function fetchPage(id) {
  const holder = waiting.get(id);
  if (!holder) return false;
  waiting.delete(id);
  holder.insertAdjacentHTML("afterend", holder.textContent);
  holder.remove();
  return true;
}
const shown = () => document.getElementById(location.hash.slice(1))?.closest(".page") ?? document.querySelector(".home");
function settle() {
  if (fetchPage(location.hash.slice(1))) location.replace(location.hash);
  const page = shown();
  for (const link of document.querySelectorAll("nav a"))
    link.hash === "#" + page.id ? link.setAttribute("aria-current", "page") : link.removeAttribute("aria-current");
  return page;
}
addEventListener("hashchange", () => {
  const page = settle();
  const target = document.getElementById(location.hash.slice(1));
  if (target === page) scrollTo(0, 0);
  const heading = page.querySelector("h2");
  heading.tabIndex = -1;
  heading.focus({preventScroll: true});
});
settle();
addEventListener("keydown", (event) => {
  if (event.target.matches("input") || event.ctrlKey || event.metaKey || event.altKey) return;
  const way = {ArrowLeft: "prev", ArrowRight: "next"}[event.key];
  if (event.target.closest(".scroll")) return;
  const link = way && shown().querySelector(`a[rel=${way}]`);
  if (link) location.hash = link.hash;
});
for (const input of document.querySelectorAll("[data-filter]")) {
  const rows = [...document.getElementById(input.dataset.filter).tBodies[0].rows];
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const count = input.closest(".head").querySelector("[data-count]");
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let left = 0;
    rows.forEach((row, i) => {
      row.hidden = !words.every((word) => texts[i].includes(word));
      left += !row.hidden;
    });
    count.textContent = words.length ? count.dataset.count.replace("#", left) : "";
  });
}
for (const table of document.querySelectorAll("table[data-sort]")) {
  [...table.tHead.rows[0].cells].forEach((cell, at) => {
    const button = document.createElement("button");
    button.className = "sortable";
    button.type = "button";
    button.title = table.dataset.sort;
    button.append(cell.firstChild.textContent.trim());
    cell.firstChild.replaceWith(button);
    button.after(" ");
    button.addEventListener("click", () => {
      const down = cell.getAttribute("aria-sort") === "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      cell.setAttribute("aria-sort", down ? "descending" : "ascending");
      const key = (row) => row.cells[at].dataset.v ?? row.cells[at].textContent.trim();
      const body = table.tBodies[0];
      const compare = (a, b) => key(a).localeCompare(key(b), document.documentElement.lang, {numeric: true});
      const number = (row) => Number(key(row));
      const numeric = [...body.rows].every((row) => key(row) !== "" && !Number.isNaN(number(row)));
      const sorted = [...body.rows].sort(numeric ? (a, b) => number(a) - number(b) : compare);
      body.append(...(down ? sorted.reverse() : sorted));
    });
  });
}
