/** Random choices that a seed repeats (a 32-bit mix of a counter). */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 up to, not including, `bound`. */
  below(bound: number): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let mixed = this.#state ^ (this.#state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    mixed ^= mixed >>> 15;
    return Math.floor(((mixed >>> 0) / 2 ** 32) * bound);
  }

  chance(part: number): boolean {
    return this.below(1_000_000) < part * 1_000_000;
  }

  pick<T>(from: readonly [T, ...T[]]): T {
    return from[this.below(from.length)] ?? from[0];
  }

  /** Cuts a text into as many segments as the dice say. */
  segments(text: string): string[] {
    const most = this.pick([1, 1, 2, 5, 20]);
    const cuts = Array.from({ length: most - 1 }, () => this.below(text.length)).sort((a, b) => a - b);
    return [0, ...cuts].map((from, i) => text.slice(from, cuts[i] ?? text.length)).filter((part) => part !== '');
  }
}
