/**
 * A type of the published schema with every field of it present. The schema's own types make all fields optional and
 * allow any other; this is how a serializer is held to naming each one.
 */
export type Complete<T> = { [K in keyof T as string extends K ? never : K]-?: T[K] };

/** As the Platform API writes times: UTC, whole seconds. */
export const timestamp = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;

/** What one resource shows of another. A type, not an interface: only types fit the schema's open objects. */
export type Named = { readonly id: string; readonly name: string };
