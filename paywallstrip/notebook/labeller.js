// The labelling widget in the browser: one page as a list of lines, labelled by key or mouse.
//
// The Python side (widget.py) sets four values: `_shown` (a page with the model's guesses),
// `_given` (the labels a reader gave, one letter a line, "." where there is none), `_progress`
// and `_problem`. The browser keeps the labels of each page it showed, so that a key press waits
// for nobody, and sends what changed a moment later; Python writes it to the file and answers.
//
// anywidget takes one module: widget.py puts marks.js before this file.

const NAMES = { c: "content", p: "paywall", n: "navigation", r: "related links" };
const PAUSE = 300; // ms after the last change before the labels are sent
const PATIENCE = 3000; // ms without an answer before the reader is told
const PAGE_STEP = 10; // lines that Page Up and Page Down move

/** Make an element; a property that is no property of the element becomes an attribute. */
function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

const count = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;
const within = (number, size) => Math.max(0, Math.min(size - 1, number));

/** One display of the widget; the same widget may be displayed several times. */
class View {
  constructor(model, root) {
    this.model = model;
    this.root = root;
    this.id = `paywallstrip-${Math.random().toString(36).slice(2, 10)}`;
    this.kept = new Map(); // page to marks: what was done to a page can be undone on it later
    this.finished = []; // the pages done one after the other until this one: undo goes back to them
    this.goingBack = undefined; // the page that undo asked for
    this.asked = []; // what was sent last of the page shown, to be sent again
    this.busy = false; // asked for another page
    this.build();
    this.keys = this.bind();
    this.listen();
    this.showPage();
    this.showProblem();
  }

  build() {
    const button = (text, key, run, more = {}) => {
      const made = make("button", { type: "button", onclick: run, ...more }, text);
      if (key) made.append(" ", make("kbd", { ariaHidden: "true" }, key));
      return made;
    };
    this.labels = {};
    this.counts = {};
    for (const [letter, name] of Object.entries(NAMES)) {
      this.counts[letter] = make("span", { className: "count" }, "0");
      const mark = make("span", { className: "mark", ariaHidden: "true" }, letter.toUpperCase());
      this.labels[letter] = make(
        "button",
        { type: "button", className: "label", onclick: () => this.label(letter) },
        mark, `${name} `, this.counts[letter],
      );
      this.labels[letter].dataset.label = letter;
    }
    this.undo = button("Undo", "Z", () => this.step(false));
    this.redo = button("Redo", "Y", () => this.step(true));
    this.rulesButton = button("Rules", "?", () => this.toggleRules(), {
      ariaExpanded: "false", "aria-controls": `${this.id}-rules`,
    });
    this.rules = make("div", {
      id: `${this.id}-rules`, className: "rules", role: "region", ariaLabel: "Labelling rules",
      hidden: true, tabIndex: 0, innerHTML: this.model.get("_rules"),
    });
    this.chooser = make("select", { ariaLabel: "Page", onchange: () => this.go(this.chooser.value) });
    this.bar = make("progress", { ariaLabel: "Pages done" });
    this.summary = make("span", { className: "summary" });
    this.status = make("span", { className: "status" });
    this.problem = make("div", { className: "problem", role: "alert" });
    this.again = button("Try again", "", () => this.send(...this.asked), { hidden: true });
    this.list = make("div", {
      className: "lines", role: "listbox", tabIndex: 0, ariaMultiSelectable: "true",
    });
    this.live = make("div", { className: "spoken", role: "status", ariaLive: "polite" });
    const row = (className, ...parts) => make("div", { className }, ...parts);
    this.root.classList.add("paywallstrip-labeller");
    // JupyterLab would take single letters for its own commands.
    this.root.dataset.lmSuppressShortcuts = "true";
    this.root.append(
      row("row",
        button("Previous", "", () => this.turn(-1), { ariaLabel: "Previous page" }), this.chooser,
        button("Next", "", () => this.turn(1), { ariaLabel: "Next page" }),
        this.bar, this.summary, this.status),
      make("div", { className: "row", role: "group", ariaLabel: "Label the selected lines" },
        ...Object.values(this.labels),
        button("As above", "S", () => this.asAbove()), button("To the end", "E", () => this.toEnd())),
      row("row",
        button("Least certain", "U", () => this.leastCertain(1)), this.undo, this.redo,
        this.rulesButton,
        button("Page done", "Enter", () => this.done(), { className: "done" })),
      this.problem, this.again, this.rules, this.list, this.live,
    );
  }

  /** Every key of the list; all else is left to the browser. */
  bind() {
    const keys = {
      arrowup: () => this.move(this.cursor - 1),
      arrowdown: () => this.move(this.cursor + 1),
      "shift+arrowup": () => this.move(this.cursor - 1, true),
      "shift+arrowdown": () => this.move(this.cursor + 1, true),
      pageup: () => this.move(this.cursor - PAGE_STEP),
      pagedown: () => this.move(this.cursor + PAGE_STEP),
      home: () => this.move(0),
      end: () => this.move(this.rows.length - 1),
      "shift+home": () => this.move(0, true),
      "shift+end": () => this.move(this.rows.length - 1, true),
      s: () => this.asAbove(),
      e: () => this.toEnd(),
      u: () => this.leastCertain(1),
      "shift+u": () => this.leastCertain(-1),
      z: () => this.step(false),
      y: () => this.step(true),
      "ctrl+z": () => this.step(false),
      "ctrl+y": () => this.step(true),
      "ctrl+shift+z": () => this.step(true),
      "?": () => this.toggleRules(),
      "shift+?": () => this.toggleRules(),
      enter: () => this.done(),
    };
    for (const letter of Object.keys(NAMES)) keys[letter] = () => this.label(letter);
    return keys;
  }

  listen() {
    this.list.addEventListener("keydown", (event) => this.press(event));
    this.list.addEventListener("pointerdown", (event) => this.grab(event));
    this.list.addEventListener("pointermove", (event) => this.drag(event));
    for (const end of ["pointerup", "pointercancel"]) {
      this.list.addEventListener(end, () => { this.dragging = false; });
    }
    // A button pressed by mouse leaves the focus, and with it the keys, where it was.
    this.root.addEventListener("mousedown", (event) => {
      if (event.target.closest("button")) event.preventDefault();
      event.stopPropagation();
    });
    this.handlers = {
      "change:_shown": () => this.showPage(),
      "change:_given": () => this.answer(),
      "change:_progress": () => this.showProgress(),
      "change:_problem": () => this.showProblem(),
    };
    for (const [event, run] of Object.entries(this.handlers)) this.model.on(event, run);
  }

  close() {
    this.send();
    clearTimeout(this.patience);
    for (const [event, run] of Object.entries(this.handlers)) this.model.off(event, run);
  }

  // --- what comes from Python

  showPage() {
    const page = this.model.get("_shown");
    const again = page.page === this.page?.page;
    if (this.page) this.send();
    if (!again) this.asked = [];
    this.page = page;
    const given = this.model.get("_given");
    if (!this.kept.has(page.page)) this.kept.set(page.page, new Marks(given.letters, page.guesses));
    this.marks = this.kept.get(page.page);
    this.marks.guesses = page.guesses;
    this.take(given);
    this.setBusy(false);
    this.rows = page.lines.map((line, index) => this.makeRow(line, index));
    this.list.replaceChildren(...this.rows);
    this.list.lang = page.language;
    this.list.ariaLabel = `Lines of page ${page.page}`;
    this.byDoubt = page.sure.map((_, line) => line).sort((a, b) => page.sure[a] - page.sure[b]);
    this.paint(0, this.rows.length);
    const doubtful = this.byDoubt.find((line) => this.marks.given[line] === OPEN) ?? 0;
    this.selected = [0, 0];
    this.select(again ? within(this.cursor, this.rows.length) : doubtful);
    this.showProgress();
    this.showStatus();
    this.say(`Page ${page.page}, ${count(this.rows.length, "line")}`);
    const isBack = this.goingBack === page.page;
    this.goingBack = undefined;
    if (isBack) this.step(false);
  }

  /** Python has saved something, for this view or for another one of the same widget. */
  answer() {
    const given = this.model.get("_given");
    if (given.page !== this.page.page) return; // showPage comes, and takes it
    this.setBusy(false);
    if (this.take(given)) this.paint(0, this.rows.length);
    this.showStatus();
  }

  /** Take an answer into the marks; returns whether those of the page shown changed by it. */
  take({ page, letters, view, saved, edition, filled }) {
    const marks = view === this.id ? this.kept.get(saved) : undefined;
    // One answer may come twice.
    const isNew = marks !== undefined && edition > marks.saved;
    const isFinished = isNew && marks.accept(edition, filled);
    if (isFinished) this.finished.push(saved);
    const isMerged = page === this.page.page && this.marks.merge(letters);
    return isMerged || isFinished;
  }

  showProgress() {
    const pages = this.model.get("_progress");
    const done = pages.filter((page) => !page.open).length;
    this.bar.max = pages.length;
    this.bar.value = done;
    this.summary.textContent = `${done} of ${count(pages.length, "page")} done`;
    this.chooser.replaceChildren(...pages.map(({ page, lines, open }, index) => {
      const state = open === 0 ? "done" : open === lines ? "" : `${open} of ${lines} lines open`;
      const text = `${index + 1}. ${page}${state && ` (${state})`}`;
      return make("option", { value: page, selected: page === this.page.page }, text);
    }));
  }

  /** Tell what could not be saved; the page stays, and the next action tries again. */
  showProblem() {
    const problem = this.model.get("_problem");
    this.problem.textContent = problem;
    if (problem) {
      this.setBusy(false);
      this.goingBack = undefined;
      for (const marks of this.kept.values()) marks.fail();
      this.chooser.value = this.page.page;
    }
    this.showStatus();
  }

  // --- what is seen

  makeRow(line, index) {
    return make("div",
      { role: "option", id: `${this.id}-${index}`, className: "line", ariaSelected: "false" },
      make("span", { className: "mark", ariaHidden: "true" }, " "),
      make("span", { className: "sure", ariaHidden: "true" }, " "),
      make("span", { className: "text", dir: "auto" }, line),
      make("span", { className: "spoken" }, " "));
  }

  /** Write the labels of lines `first` up to `last`, and the counts. */
  paint(first, last) {
    for (let line = first; line < last; line += 1) {
      const row = this.rows[line];
      const [mark, sure, , spoken] = row.children;
      const letter = this.marks.shown(line);
      const guessed = this.marks.given[line] === OPEN;
      const percent = `${Math.floor(this.page.sure[line])} %`;
      row.dataset.label = letter;
      row.classList.toggle("guessed", guessed);
      // Cheaper than textContent, which makes new nodes: it counts where all lines change.
      mark.firstChild.data = letter.toUpperCase();
      sure.firstChild.data = guessed ? percent : "✓";
      spoken.firstChild.data = `. ${NAMES[letter]}, ${guessed ? `guessed, ${percent} sure` : "labelled"}`;
    }
    const counts = { c: 0, p: 0, n: 0, r: 0 };
    for (let line = 0; line < this.rows.length; line += 1) counts[this.marks.shown(line)] += 1;
    for (const letter of Object.keys(NAMES)) this.counts[letter].textContent = counts[letter];
    this.undo.disabled = !this.marks.past.length && !this.finished.length;
    this.redo.disabled = !this.marks.future.length;
  }

  /** While another page is on its way, the labels of this one stay as they are. */
  setBusy(busy) {
    this.busy = busy;
    this.list.ariaBusy = String(busy);
  }

  showStatus() {
    const open = this.marks.open;
    const left = open ? `${count(open, "line")} of this page to confirm` : "this page is done";
    const late = performance.now() - this.sentAt > PATIENCE;
    const wait = late ? "NOT saved yet: is the kernel busy?" : "saving…";
    // What is not saved may be of a page that was left.
    const unsaved = [...this.kept.values()].filter((marks) => marks.saved !== marks.edition);
    this.again.hidden = !unsaved.some((marks) => marks.failed);
    const state = !unsaved.length ? "saved" : this.again.hidden ? wait : "NOT saved";
    this.status.textContent = `${left}; ${state}`;
  }

  say(text) {
    // The same words again would not be read again.
    this.live.textContent = this.live.textContent === text ? `${text}\u00a0` : text;
  }

  /** Put the cursor on a line; the selection runs from `anchor` to it. */
  select(cursor, anchor = cursor) {
    const [oldFirst, oldLast] = this.selected;
    const [first, last] = [Math.min(cursor, anchor), Math.max(cursor, anchor)];
    for (let line = oldFirst; line <= oldLast; line += 1) {
      if (line < first || line > last) this.rows[line].ariaSelected = "false";
    }
    for (let line = first; line <= last; line += 1) {
      if (this.rows[line].ariaSelected !== "true") this.rows[line].ariaSelected = "true";
    }
    this.list.querySelector(".cursor")?.classList.remove("cursor");
    this.rows[cursor].classList.add("cursor");
    this.list.setAttribute("aria-activedescendant", this.rows[cursor].id);
    [this.cursor, this.anchor, this.selected] = [cursor, anchor, [first, last]];
    this.reveal();
    // Lines not drawn before have now their true height.
    requestAnimationFrame(() => this.reveal());
  }

  /** Scroll the list, and only the list, until the cursor is in view. */
  reveal() {
    const row = this.rows[this.cursor];
    const [top, size] = [row.offsetTop - this.list.scrollTop, this.list.clientHeight];
    const margin = Math.min(size / 4, 60);
    if (top < margin) this.list.scrollTop += top - margin;
    else if (top + row.offsetHeight > size - margin) {
      this.list.scrollTop += Math.min(top - margin, top + row.offsetHeight - size + margin);
    }
  }

  // --- what the reader does

  press(event) {
    const { key, code } = event;
    if (key === "Enter" && event.repeat) { // held down, it would pass for a word on the next page
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    // Letters of other scripts count by their place on the keyboard.
    const plain = /^[^\x20-\x7e]$/.test(key) && /^Key[A-Z]$/.test(code) ? code.at(-1) : key;
    const held = (event.ctrlKey || event.metaKey ? "ctrl+" : "") + (event.shiftKey ? "shift+" : "");
    const action = event.altKey ? undefined : this.keys[held + plain.toLowerCase()];
    if (action && !event.isComposing) {
      event.preventDefault();
      action();
    }
    if (action || !(event.ctrlKey || event.metaKey || event.altKey || key === "Escape")) {
      event.stopPropagation();
    }
  }

  grab(event) {
    const row = event.target.closest("[role=option]");
    if (!row || event.button !== 0) return;
    const line = this.rows.indexOf(row);
    this.select(line, event.shiftKey ? this.anchor : line);
    this.dragging = event.pointerType !== "touch"; // there, a drag scrolls
    if (this.dragging) this.list.setPointerCapture(event.pointerId);
    this.list.focus({ preventScroll: true });
  }

  drag(event) {
    if (!this.dragging) return;
    const { left, top, bottom } = this.list.getBoundingClientRect();
    if (event.clientY < top) this.move(this.cursor - 1, true);
    else if (event.clientY > bottom) this.move(this.cursor + 1, true);
    else {
      const row = document.elementFromPoint(left + 10, event.clientY)?.closest("[role=option]");
      const line = this.rows.indexOf(row);
      if (line >= 0 && line !== this.cursor) this.select(line, this.anchor);
    }
  }

  move(line, extend = false) {
    const to = within(line, this.rows.length);
    this.select(to, extend ? this.anchor : to);
  }

  /** Label lines `first` to `last`, and move on to the line after them. */
  mark(letter, first, last) {
    if (this.busy) return;
    const letters = Array(last - first + 1).fill(letter);
    if (this.marks.set(first, letters, [this.cursor, this.anchor])) this.changed(first, last + 1);
    this.move(last + 1);
    this.say(`${count(letters.length, "line")} ${NAMES[letter]}`);
  }

  label(letter) {
    this.mark(letter, ...this.selected);
  }

  asAbove() {
    const [first, last] = this.selected;
    if (first) this.mark(this.marks.shown(first - 1), first, last);
    else this.say("There is no line above");
  }

  toEnd() {
    const [first] = this.selected;
    this.mark(this.marks.shown(first), first, this.rows.length - 1);
  }

  leastCertain(step) {
    const { length } = this.byDoubt;
    const here = this.byDoubt.indexOf(this.cursor);
    for (let i = 1; i <= length; i += 1) {
      const line = this.byDoubt[(here + step * i + length * i) % length];
      if (this.marks.given[line] === OPEN) {
        this.move(line);
        return;
      }
    }
    this.say("Every line of this page is labelled");
  }

  step(forward) {
    if (this.busy) return;
    const change = this.marks.step(forward);
    const page = this.finished.at(-1);
    if (!change && !forward && page !== undefined && page !== this.page.page) {
      this.goingBack = page;
      this.send(page);
      return;
    }
    if (!change) {
      this.say(`There is nothing to ${forward ? "redo" : "undo"}`);
      return;
    }
    if (change.isFinish) {
      this.finished = this.finished.filter((each) => each !== this.page.page);
      if (forward) this.finished.push(this.page.page);
    }
    const { lines } = change;
    this.changed(lines[0] ?? 0, (lines.at(-1) ?? -1) + 1);
    this.select(...change.cursor);
    this.say(`${forward ? "Made again" : "Undone"}: ${count(lines.length, "line")}`);
  }

  /** Confirm the guesses that are left, and ask for the next page that is not done. */
  done() {
    if (!this.busy) this.send("", true);
  }

  turn(step) {
    this.go(this.chooser.options[within(this.chooser.selectedIndex + step, this.chooser.length)].value);
  }

  go(page) {
    if (page === this.page.page) return;
    this.finished = [];
    this.send(page);
  }

  toggleRules() {
    this.rules.hidden = !this.rules.hidden;
    this.rulesButton.ariaExpanded = String(!this.rules.hidden);
    this.say(`Labelling rules ${this.rules.hidden ? "closed" : "open, before the list"}`);
  }

  changed(first, last) {
    this.paint(first, last);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), PAUSE);
    this.showStatus();
  }

  /**
   * Send what is not saved. With `show` ask for another page: its id, or "" for the next open one;
   * with `isDone` the guesses that are left are taken for right.
   */
  send(show, isDone = false) {
    clearTimeout(this.timer);
    const { marks, page: { page } } = this;
    if (show !== undefined || marks.sent !== marks.edition) this.sendShown(show, isDone);
    // Pages that were left. They come last: what is wrong with one stays in sight.
    for (const [left, its] of this.kept) {
      if (left !== page && its.sent !== its.edition) this.sendLetters(left, its);
    }
  }

  sendShown(show, isDone) {
    const { marks, page: { page } } = this;
    if (show !== undefined) {
      this.setBusy(true);
      marks.edition += 1; // so that the answer differs from the last one, and comes
    }
    this.asked = [show, isDone];
    if (isDone) marks.ask([this.cursor, this.anchor]);
    const finish = isDone && { finish: marks.allShown };
    this.sendLetters(page, marks, { ...(show !== undefined && { show }), ...finish });
  }

  sendLetters(page, marks, more = {}) {
    marks.sent = marks.edition;
    this.sentAt = performance.now();
    clearTimeout(this.patience);
    this.patience = setTimeout(() => this.showStatus(), PATIENCE + 1);
    const { unsaved: letters, edition } = marks;
    this.model.send({ page, letters, edition, view: this.id, ...more });
  }
}

export default {
  render({ model, el }) {
    const view = new View(model, el);
    return () => view.close();
  },
};
