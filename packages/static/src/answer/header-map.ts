const { validateHeaderName, validateHeaderValue } = process.getBuiltinModule('node:http');

/**
 * Headers by name, whatever its case, one value each: the part of the Fetch API's `Headers` that files need,
 * without loading the Fetch API when a server starts.
 */
export class HeaderMap extends Map<string, string> {
  override get(name: string): string | undefined {
    return super.get(name.toLowerCase());
  }

  override has(name: string): boolean {
    return super.has(name.toLowerCase());
  }

  override delete(name: string): boolean {
    return super.delete(name.toLowerCase());
  }

  /** @throws TypeError when the name or the value can't stand in a header */
  override set(name: string, value: string): this {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return super.set(name.toLowerCase(), value);
  }
}
