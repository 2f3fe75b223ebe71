import { ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const css = readFileSync(new URL('../public/style.css', import.meta.url), 'utf8');

/** Text, what it stands on, and the least contrast (WCAG 2.2, 1.4.3 and 1.4.11). */
const pairs = [
  ['ink', 'paper', 4.5],
  ['ink', 'raised', 4.5],
  ['soft', 'paper', 4.5],
  ['soft', 'raised', 4.5],
  ['soft', 'glow', 4.5],
  ['accent', 'paper', 4.5],
  ['accent', 'raised', 4.5],
  ['on-accent', 'accent', 4.5],
  ['alarm', 'raised', 4.5],
  ['star', 'paper', 3],
  ['field', 'paper', 3],
  ['field', 'raised', 3],
] as const;

for (const [theme, index] of [
  ['light', 0],
  ['dark', 1],
] as const) {
  test(`text and controls stand out in the ${theme} theme`, () => {
    for (const [front, back, least] of pairs) {
      const contrast = contrastOf(colour(front, index), colour(back, index));
      ok(contrast >= least, `--${front} on --${back}: expected ${least}, got ${contrast.toFixed(2)}`);
    }
  });
}

function colour(name: string, index: 0 | 1): string {
  const found = new RegExp(`--${name}: light-dark\\(#([0-9a-f]{6}), #([0-9a-f]{6})\\)`).exec(css);
  const hex = found?.[index + 1];
  if (hex === undefined) throw new Error(`expected --${name} to be a light-dark() pair of #rrggbb colours`);
  return hex;
}

function contrastOf(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [0, 2, 4].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
