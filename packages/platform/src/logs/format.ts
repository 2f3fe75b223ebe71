import type { LogLine } from '../domain/log-line.ts';

let cachedSecond = -1;
let cachedText = '';

/** `2024-01-01T00:00:00.000000+00:00`, from Unix time in microseconds. */
export const formatTime = (atUs: number): string => {
  const second = Math.floor(atUs / 1_000_000);
  if (second !== cachedSecond) {
    cachedText = new Date(second * 1000).toISOString().slice(0, 19);
    cachedSecond = second;
  }
  return `${cachedText}.${String(atUs - second * 1_000_000).padStart(6, '0')}+00:00`;
};

/** One line as `heroku logs` shows it, without line end; a carriage return would end it early there and becomes a space. */
export const formatLine = ({ atUs, source, dyno, text }: LogLine): string => {
  const shown = text.includes('\r') ? text.replace(/\r+$/, '').replaceAll('\r', ' ') : text;
  return `${formatTime(atUs)} ${source}[${dyno}]: ${shown}`;
};
