import { badRequest, invalidParams } from '../contract/platform-error.ts';

/** A JSON object of a request, read field by field; null counts as absent. */
export class Fields {
  readonly #values: Readonly<Record<string, unknown>>;

  /** @throws PlatformError bad_request when the body is JSON but not an object. */
  constructor(body: unknown) {
    if (body !== undefined && body !== null && (typeof body !== 'object' || Array.isArray(body))) {
      throw badRequest('Expected a JSON object as the body of the request.');
    }
    this.#values = Object.fromEntries(Object.entries(body ?? {}));
  }

  get(name: string): unknown {
    return this.#values[name] ?? undefined;
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  text(name: string): string | undefined {
    const value = this.get(name);
    if (value === undefined) return undefined;
    if (typeof value !== 'string') throw invalidParams(`${name}: expected a string, got ${describe(value)}.`);
    if (value.includes('\0')) throw invalidParams(`${name}: can't hold a NUL character.`);
    return value;
  }

  requiredText(name: string): string {
    const value = this.text(name);
    if (value === undefined || value === '') throw invalidParams(`${name} is required: expected a string.`);
    return value;
  }

  flag(name: string): boolean | undefined {
    const value = this.get(name);
    if (value === undefined || typeof value === 'boolean') return value;
    if (value === 'true' || value === 'false') return value === 'true';
    throw invalidParams(`${name}: expected true or false, got ${describe(value)}.`);
  }

  /** A whole number within bounds. */
  integer(name: string, least: number, most: number): number | undefined {
    const value = this.get(name);
    if (value === undefined) return undefined;
    const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isInteger(number) || number < least || number > most) {
      throw invalidParams(`${name}: expected a whole number from ${least} to ${most}, got ${describe(value)}.`);
    }
    return number;
  }

  object(name: string): Fields {
    const value = this.get(name);
    if (value !== undefined && (typeof value !== 'object' || Array.isArray(value))) {
      throw invalidParams(`${name}: expected an object, got ${describe(value)}.`);
    }
    return new Fields(value);
  }

  array(name: string): readonly unknown[] | undefined {
    const value = this.get(name);
    if (value !== undefined && !Array.isArray(value)) {
      throw invalidParams(`${name}: expected an array, got ${describe(value)}.`);
    }
    return value;
  }

  /** `"x"`, `{"name": "x"}` or `{"id": "x"}`: the ways in which the API lets one name another resource. */
  reference(name: string): string | undefined {
    const value = this.get(name);
    if (typeof value !== 'object') return this.text(name);
    const inner = this.object(name);
    return inner.text('name') ?? inner.text('id') ?? inner.text('email');
  }

  requiredReference(name: string): string {
    const value = this.reference(name);
    if (value === undefined || value === '') throw invalidParams(`${name} is required: expected a name or an id.`);
    return value;
  }

  entries(): readonly (readonly [string, unknown])[] {
    return Object.entries(this.#values);
  }
}

const describe = (value: unknown): string =>
  Array.isArray(value) ? 'an array' : typeof value === 'object' ? 'an object' : JSON.stringify(value);
