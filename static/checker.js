// The checker beside a text: underlines the words while somebody types, and puts a rewrite in by one click.
// Without this script the same buttons post the form, and the server does both.

const units = (text, characters) => {
  // Python counts characters, JavaScript UTF-16 units: an emoji is one there and two here.
  let at = 0;
  for (const character of text) {
    if (characters-- <= 0) break;
    at += character.length;
  }
  return at;
};
const length = (text) => Array.from(text).length;

// --- the words underlined ------------------------------------------------------------------------------------------
const known = new WeakMap(); // textarea -> {text, spans: [{start, end, kind}]}

const paint = (area) => {
  const paper = area.parentElement.querySelector(".paper-marks");
  const { text, spans } = known.get(area) ?? { text: area.value, spans: [] };
  const parts = [];
  let at = 0;
  for (const { start, end, kind } of spans) {
    parts.push(text.slice(at, start));
    const mark = document.createElement("mark");
    mark.className = kind;
    mark.textContent = text.slice(start, end);
    parts.push(mark);
    at = end;
  }
  paper.replaceChildren(...parts, `${text.slice(at)}\n`);
  paper.scrollTop = area.scrollTop;
};

const grow = (area) => {
  if (CSS.supports("field-sizing", "content")) return;
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight + 2}px`;
};

// While somebody types, marks outside the change move along; those it touches go until the next answer.
const typed = (area) => {
  const before = known.get(area) ?? { text: "", spans: [] };
  const [old, now] = [before.text, area.value];
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) head++;
  let tail = 0;
  while (tail < old.length - head && tail < now.length - head && old.at(-1 - tail) === now.at(-1 - tail)) tail++;
  const moved = now.length - old.length;
  const spans = before.spans.flatMap((span) => {
    if (span.end < head) return [span];
    if (span.start > old.length - tail) return [{ ...span, start: span.start + moved, end: span.end + moved }];
    return [];
  });
  known.set(area, { text: now, spans });
  paint(area);
  grow(area);
};

const answered = (look) => {
  const area = document.getElementById(look.dataset.for);
  if (!area?.hasAttribute("data-marked") || length(area.value) !== Number(look.dataset.size)) return; // a newer answer is on its way
  const text = area.value;
  const spans = JSON.parse(look.dataset.spans).map(({ start, end, kind }) => ({
    start: units(text, start), end: units(text, end), kind,
  }));
  known.set(area, { text, spans });
  paint(area);
};

document.addEventListener("input", (event) => {
  if (event.target.matches?.("textarea[data-marked]")) typed(event.target);
});
document.addEventListener("scroll", (event) => {
  const paper = event.target.matches?.("textarea[data-marked]") && event.target.parentElement.querySelector(".paper-marks");
  if (paper) paper.scrollTop = event.target.scrollTop;
}, true);
document.addEventListener("htmx:afterSwap", (event) => {
  const place = event.detail.target ?? event.target;
  const looks = place.querySelectorAll("[data-look]");
  looks.forEach(answered);
  // Nothing left to say (an empty text): nothing left to underline.
  if (!looks.length) document.querySelectorAll("textarea[data-marked]").forEach((area) => { if (!area.value) typed(area); });
});
const begin = () => {
  document.documentElement.classList.add("has-script");
  document.querySelectorAll("textarea[data-marked]").forEach((area) => {
    known.set(area, { text: area.value, spans: [] });
    grow(area);
  });
  document.querySelectorAll("[data-look]").forEach(answered);
  document.querySelectorAll("[data-look] details.marked").forEach((details) => { details.open = false; });
};
document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", begin) : begin();

// --- rewrites ------------------------------------------------------------------------------------------------------
const places = (buttons) => {
  const found = [];
  for (const { dataset } of buttons) {
    const field = document.getElementById(dataset.for);
    if (!field) return null;
    const start = units(field.value, Number(dataset.start));
    const end = units(field.value, Number(dataset.end));
    if (field.value.slice(start, end) !== dataset.words) return null; // the text has moved on: let the server look again
    found.push({ field, start, end, text: dataset.text });
  }
  return found;
};

// Of rewrites that overlap the first in the text, and of two that begin together the one that takes more away, as the server
// does; the next check offers the other. From the end, so that what is put in moves no other.
const apart = (wanted) => {
  const done = new Map();
  const kept = wanted
    .sort((a, b) => a.start - b.start || b.end - a.end || a.text.length - b.text.length)
    .filter(({ field, start, end }) => {
      if (start < (done.get(field) ?? 0)) return false;
      done.set(field, end);
      return true;
    });
  return kept.reverse();
};

const put = ({ field, start, end, text }) => {
  field.focus();
  field.setSelectionRange(start, end);
  // The one way that leaves "undo" working; where a browser has given it up, the text is set all the same.
  const done = text ? document.execCommand("insertText", false, text) : document.execCommand("delete");
  if (!done) {
    field.setRangeText(text, start, end, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
};

const show = ({ field, start, end }) => {
  field.focus();
  field.setSelectionRange(start, end);
};

document.addEventListener("click", (event) => {
  const shown = event.target.closest?.("button[data-show]");
  if (shown) return places([shown])?.forEach(show);
  const button = event.target.closest?.("button[data-fix], button[data-fix-all]");
  if (!button) return;
  const all = button.hasAttribute("data-fix-all");
  const wanted = places(all ? button.closest("[data-look]").querySelectorAll("button[data-fix]") : [button]);
  if (!wanted) return;
  event.preventDefault();
  apart(wanted).forEach(put);
});
