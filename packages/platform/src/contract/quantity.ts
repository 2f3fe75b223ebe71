import { invalidParams } from './platform-error.ts';

/** Dynos of one process type; Dev Center "Dyno Types", Limits. */
export const maxQuantity = 100;

/**
 * Reads a quantity as `heroku ps:scale` sends it: a number, `"2"`, `"+1"` or `"-1"`.
 * @returns the new quantity, never below 0.
 * @throws PlatformError when it is none of these or too large.
 */
export const readQuantity = (value: unknown, current: number): number => {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || !/^[+-]?\d{1,6}$/.test(text) || (typeof value === 'number' && value < 0)) {
    throw invalidParams(`Quantity must be a number of dynos such as 2, "+1" or "-1"; got ${JSON.stringify(value)}.`);
  }
  const relative = text.startsWith('+') || text.startsWith('-');
  const quantity = Math.max(0, relative ? current + Number(text) : Number(text));
  if (quantity > maxQuantity) {
    throw invalidParams(`Cannot scale to ${quantity} dynos; a process type can have up to ${maxQuantity}.`);
  }
  return quantity;
};
