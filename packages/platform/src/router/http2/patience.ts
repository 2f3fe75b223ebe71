/** Streams that a client may open and reset at once, and for each second after that. */
const mostResets = 200;
const resetsPerSecond = 20;
/** Frames that change nothing: PING, SETTINGS, PRIORITY, empty DATA, unknown ones. */
const mostNuisances = 1_000;
const nuisancesPerSecond = 100;

/** How much one client may do that costs the router and brings the client nothing (RFC 9113 section 10.5). */
export class Patience {
  #resets = mostResets;
  #nuisances = mostNuisances;
  #lookedAtMs = performance.now();

  bearsReset(): boolean {
    return --this.#resets >= 0;
  }

  bearsNuisance(): boolean {
    return --this.#nuisances >= 0;
  }

  recover(nowMs: number): void {
    const seconds = (nowMs - this.#lookedAtMs) / 1_000;
    this.#lookedAtMs = nowMs;
    this.#resets = Math.min(mostResets, this.#resets + resetsPerSecond * seconds);
    this.#nuisances = Math.min(mostNuisances, this.#nuisances + nuisancesPerSecond * seconds);
  }
}
