// Decides how the page learns what is new: it asks again and again, and each question waits until there is an answer.

/** Between two answers, so that a load test does not keep the page busy. */
const PAUSE = 200;
const PAUSE_UNDER_LOAD = 1_000;
/** After a failure; doubled with each further one. */
const RETRY = { first: 400, longest: 5_000 };

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export class Live {
  /** `hear` takes an update, `tell` a state: `live`, `paused` or `gone`. */
  constructor(hear, tell) {
    this.hear = hear;
    this.tell = tell;
    this.cursor = "";
    // A page that nobody sees asks nothing, and forgets nothing.
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.asking?.abort();
      else this.run();
    });
    this.run();
  }

  /** What time it is in the emulator, as far as can be told from here. */
  now() {
    if (!this.last) return Date.now();
    const since = this.last.isReal ? performance.now() - this.last.heardAt : 0;
    return this.last.now + since;
  }

  async run() {
    if (this.isRunning) return;
    this.isRunning = true;
    let retry = RETRY.first;
    while (!document.hidden) {
      const update = await this.ask();
      if (update) {
        retry = RETRY.first;
        this.tell("live");
        this.take(update);
        await pause(update.skipped_events > 0 ? PAUSE_UNDER_LOAD : PAUSE);
      } else if (!document.hidden) {
        this.tell("gone");
        await pause(retry);
        retry = Math.min(retry * 2, RETRY.longest);
      }
    }
    this.isRunning = false;
    // It may have become visible again while the last answer was taken in.
    if (document.hidden) this.tell("paused");
    else this.run();
  }

  /** What one update breaks must not end all others. */
  take(update) {
    try {
      this.hear(update);
    } catch (error) {
      console.error(error);
    }
  }

  async ask() {
    this.asking = new AbortController();
    try {
      const answer = await fetch(`updates?since=${encodeURIComponent(this.cursor)}`, {
        signal: this.asking.signal,
        cache: "no-store",
      });
      if (!answer.ok) return undefined;
      const update = await answer.json();
      this.cursor = update.cursor;
      this.last = {
        now: Date.parse(update.state.now),
        isReal: update.state.clock === "real",
        heardAt: performance.now(),
      };
      return update;
    } catch {
      // Gone, or no longer wanted.
      return undefined;
    }
  }
}
