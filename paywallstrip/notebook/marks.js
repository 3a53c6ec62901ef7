// The labels of a page while it is shown: no element of the browser's page is touched here.

const OPEN = "."; // the letter of a line that no reader has labelled

/** The labels of one page, and what undoes their changes. */
class Marks {
  constructor(letters, guesses) {
    this.given = [...letters];
    this.guesses = guesses;
    this.past = [];
    this.future = [];
  }

  /** The letter that a line shows: the reader's, else the model's. */
  shown(line) {
    return this.given[line] === OPEN ? this.guesses[line] : this.given[line];
  }

  get letters() {
    return this.given.join("");
  }

  get open() {
    return this.given.filter((letter) => letter === OPEN).length;
  }

  /** Label a run of lines; returns false if nothing changes by it. */
  set(first, letters, cursor) {
    const before = this.given.slice(first, first + letters.length);
    if (before.join("") === letters.join("")) return false;
    this.past.push({ first, before, after: letters, cursor });
    this.future = [];
    this.given.splice(first, letters.length, ...letters);
    return true;
  }

  /** Take the last change back, or with `forward` make it again; returns it, or undefined. */
  step(forward) {
    const [from, to] = forward ? [this.future, this.past] : [this.past, this.future];
    const change = from.pop();
    if (!change) return undefined;
    to.push(change);
    const letters = forward ? change.after : change.before;
    this.given.splice(change.first, letters.length, ...letters);
    return change;
  }
}
