// The desk by keyboard. Every key presses something that is on the page and works without it.
(() => {
  const fields = "input:not([type=checkbox]):not([type=radio]), textarea, select";
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  let busy = false;

  // A button in a folded part opens it first and is armed; pressed once more it is sent.
  const press = (target) => {
    const fold = target.closest("details");
    if (target.matches("summary")) {
      target.click();
      if (fold.open) fold.querySelector("[data-first]")?.focus();
      return;
    }
    if (target.dataset.opens) return document.getElementById(target.dataset.opens).showModal();
    if (fold && !target.classList.contains("armed")) {
      arm(target, fold);
      return;
    }
    target.click();
  };

  const arm = (target, fold) => {
    all(".choice[open]").forEach((other) => { if (other !== fold) other.open = false; });
    all(".armed").forEach((other) => other.classList.remove("armed"));
    fold.open = true;
    target.classList.add("armed");
    target.scrollIntoView({ block: "nearest" });
    const first = fold.querySelector("[data-first]");
    first ? first.focus() : target.focus();
  };

  // Findings: the card and its words in the source light up together.
  let current = -1;
  const step = (by) => {
    const cards = all("[data-finding]");
    if (!cards.length) return;
    current = (current + by + cards.length) % cards.length;
    show(cards[current]);
  };
  const show = (card) => {
    all(".lit").forEach((lit) => lit.classList.remove("lit"));
    card.classList.add("lit");
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "center" });
    const part = card.closest(".part");
    all("mark", part).filter((mark) => mark.dataset.findings.split(" ").includes(card.dataset.finding))
      .forEach((mark) => mark.classList.add("lit"));
  };

  const keys = {
    f: () => step(1),
    F: () => step(-1),
    o: () => (all("[data-finding]")[Math.max(current, 0)]?.querySelector("[data-rule]"))?.click(),
    w: () => {
      const open = document.querySelector(".choice[open] textarea");
      if (open) open.focus();
    },
  };

  document.addEventListener("keydown", (event) => {
    const field = event.target.closest(fields);
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && field?.form) {
      event.preventDefault();
      const form = field.form;
      form.requestSubmit(form.querySelector("button.armed") || form.querySelector("button[name=answer], button"));
      return;
    }
    if (event.key === "Escape" && field) return field.blur();
    if (field || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (/^[1-9]$/.test(event.key)) {
      const box = all(".choice[open] .given input")[Number(event.key) - 1];
      if (box) { event.preventDefault(); box.click(); }
      return;
    }
    const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!target && !keys[event.key]) return;
    event.preventDefault();
    if (event.repeat) return;
    target ? press(target) : keys[event.key]();
  });

  // One decision, one request: a key held down or pressed twice sends nothing twice.
  document.addEventListener("submit", (event) => {
    if (event.target.method === "dialog" || event.defaultPrevented) return;
    if (busy) event.preventDefault();
    busy = true;
  });
  window.addEventListener("pageshow", () => { busy = false; });

  // "and the identical ones" is one choice, wherever it stands.
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-alike]")) all("[data-alike]").forEach((box) => { box.checked = event.target.checked; });
    if (event.target.matches("[data-picker]")) add(event.target);
  });

  // A reason is tied to the words that are marked in a source.
  let marked = null;
  document.addEventListener("selectionchange", () => {
    const selection = document.getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return;
    const range = selection.getRangeAt(0);
    const source = range.startContainer.parentElement?.closest("pre.source:not(.diff)");
    if (!source || !source.contains(range.endContainer)) return;
    const before = range.cloneRange();
    before.selectNodeContents(source);
    before.setEnd(range.startContainer, range.startOffset);
    // Offsets count characters as Python does, so a sign beyond the basic plane counts once.
    const start = [...before.toString()].length;
    const text = range.toString();
    marked = { ...source.dataset, start, end: start + [...text].length, text };
    document.getElementById("tie").textContent = `Tied to “${text.slice(0, 60)}”.`;
  });

  const add = (picker) => {
    const code = picker.value;
    if (!code) return;
    const option = picker.selectedOptions[0];
    const label = document.createElement("label");
    const box = Object.assign(document.createElement("input"), { type: "checkbox", name: "given", checked: true });
    box.value = marked ? [code, marked.language, marked.where, marked.start, marked.end].join("|") : code;
    const words = document.createElement("span");
    words.textContent = option.textContent + (marked ? ` “${marked.text.slice(0, 40)}”` : "");
    label.append(box, " ", words);
    picker.closest("fieldset").querySelector(".given").append(label);
    picker.value = "";
    marked = null;
    document.getElementById("tie").textContent = "Mark words in the source first, and the reason is tied to them.";
  };

  // Signs of activity keep the hold; once a minute is enough.
  let told = Date.now();
  const active = () => {
    if (Date.now() - told < 60000) return;
    told = Date.now();
    document.body.dispatchEvent(new CustomEvent("desk:active"));
  };
  ["keydown", "pointermove", "scroll", "input"].forEach((name) => document.addEventListener(name, active, { passive: true }));
  const hold = document.querySelector("#hold[data-left]");
  if (hold) setInterval(() => {
    const left = document.querySelector("#hold[data-left]");
    if (left && Date.now() - told > (Number(left.dataset.left) + 1) * 1000) {
      told = Date.now();
      document.body.dispatchEvent(new CustomEvent("desk:active"));  // answered by "your hold ended"
    }
  }, 5000);

  // What may be undone no longer is no longer offered.
  all(".undo[data-left]").forEach((notice) => setTimeout(() => notice.remove(), Number(notice.dataset.left) * 1000));
})();
