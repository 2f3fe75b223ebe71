import { lastPart } from '../find/name.ts';
import { mediaTypes, mediaTypesOfNames } from './media-types.data.ts';

/**
 * The media type of a file by its name; capital letters don't matter.
 * @param own additions by file name (`LICENSE`) or extension with its dot (`.foo`); they win
 */
export const mediaTypeOf = (name: string, own: Readonly<Record<string, string>> = {}): string => {
  const file = lastPart(name).toLowerCase();
  const dot = file.lastIndexOf('.');
  const extension = dot === -1 ? '' : file.slice(dot);
  return (
    entry(own, file) ??
    entry(own, extension) ??
    entry(mediaTypesOfNames, file) ??
    entry(mediaTypes, extension.slice(1)) ??
    'application/octet-stream'
  );
};

/** Files may have any name, also `__proto__`. */
const entry = (table: Readonly<Record<string, string>>, key: string): string | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;

/** The Content-Type header: texts say their charset, unless the type does already. */
export const contentTypeOf = (mediaType: string, charset: string): string =>
  mediaType.startsWith('text/') && !mediaType.includes(';') && charset !== ''
    ? `${mediaType}; charset=${charset}`
    : mediaType;
