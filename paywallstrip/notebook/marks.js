// The labels of a page as one view has them: no element of the browser's page is touched here.

const OPEN = "."; // the letter of a line that no reader has labelled
const KEEP = "="; // sent for a line that was not touched since the last answer

/** The labels of one page, what undoes their changes, and how far they are saved. */
class Marks {
  constructor(letters, guesses) {
    this.given = [...letters];
    this.guesses = guesses;
    this.past = [];
    this.future = [];
    // Counts the changes and requests: what was made, sent, and said to be saved.
    this.edition = this.sent = this.saved = 0;
    this.touched = this.given.map(() => 0); // the edition that changed a line last
    this.asked = undefined; // the request to take the guesses for right
    this.failed = false; // sent, and not saved
  }

  /** The letter that a line shows: the reader's, else the model's. */
  shown(line) {
    return this.given[line] === OPEN ? this.guesses[line] : this.given[line];
  }

  get allShown() {
    return this.given.map((_, line) => this.shown(line)).join("");
  }

  get open() {
    return this.given.filter((letter) => letter === OPEN).length;
  }

  /** The letters of what is not saved yet. */
  get unsaved() {
    return this.given.map((letter, line) => (this.touched[line] > this.saved ? letter : KEEP)).join("");
  }

  /** Label a run of lines; returns false if nothing changes by it. */
  set(first, letters, cursor) {
    const lines = letters.map((_, i) => first + i).filter((line) => this.given[line] !== letters[line - first]);
    if (!lines.length) return false;
    const before = lines.map((line) => this.given[line]);
    const after = lines.map((line) => letters[line - first]);
    this.past.push({ lines, before, after, cursor });
    this.future = [];
    this.put(lines, after);
    return true;
  }

  /** Take the last change back, or with `forward` make it again; returns it, or undefined. */
  step(forward) {
    const [from, to] = forward ? [this.future, this.past] : [this.past, this.future];
    while (from.length) {
      const change = from.pop();
      to.push(change);
      const [old, letters] = forward ? [change.before, change.after] : [change.after, change.before];
      // A line that has another label by now got it from elsewhere.
      const own = change.lines.map((_, i) => i).filter((i) => this.given[change.lines[i]] === old[i]);
      if (!own.length && !change.isFinish) continue;
      const lines = own.map((i) => change.lines[i]);
      this.put(lines, own.map((i) => letters[i]));
      return { ...change, lines };
    }
    return undefined;
  }

  put(lines, letters) {
    this.edition += 1;
    lines.forEach((line, i) => {
      this.given[line] = letters[i];
      this.touched[line] = this.edition;
    });
  }

  /** What is not saved has to be sent again. */
  fail() {
    this.sent = this.saved;
    this.failed = this.saved !== this.edition;
  }

  /** Ask for the guesses to be taken for right; which ones were, the answer says. */
  ask(cursor) {
    this.asked = { edition: this.edition, letters: this.allShown, cursor };
  }

  /** Take an answer in: `filled` are the lines of which the guess is a label now. */
  accept(edition, filled) {
    this.saved = edition;
    this.failed = false;
    if (!filled || this.asked?.edition !== edition) return false;
    // Done before, and nothing new by it: one undo opens the page again.
    if (!filled.length && this.past.at(-1)?.isFinish) return true;
    const { letters, cursor } = this.asked;
    const after = filled.map((line) => letters[line]);
    this.past.push({ lines: filled, before: filled.map(() => OPEN), after, cursor, isFinish: true });
    this.future = [];
    filled.forEach((line, i) => { this.given[line] = after[i]; });
    return true;
  }

  /** Take over what Python has of the page, but for what it has not heard of yet. */
  merge(letters) {
    const news = this.given.map((_, line) => line)
      .filter((line) => this.touched[line] <= this.saved && this.given[line] !== letters[line]);
    for (const line of news) this.given[line] = letters[line];
    return news.length > 0;
  }
}
