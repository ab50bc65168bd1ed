// What is being measured, how much is done, and how long the rest may take; on one line of a terminal.

export class Progress {
  #all;
  #done = 0;
  #begun = performance.now();

  constructor(all) {
    this.#all = all;
  }

  show(what) {
    const share = this.#done / this.#all;
    const minutes = share > 0 ? ((performance.now() - this.#begun) / 60_000) * (1 / share - 1) : undefined;
    const left =
      minutes === undefined
        ? ''
        : `, ${minutes < 1 ? 'less than a minute' : `${Math.round(minutes)} min`} left`;
    const text = `${what} (${Math.round(share * 100)} %${left})`;
    process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${text}` : `${text}\n`);
  }

  done() {
    this.#done++;
  }

  clear() {
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  }
}
