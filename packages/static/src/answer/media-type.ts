import { lastPart } from '../find/name.ts';
import { mediaTypes, mediaTypesOfNames } from './media-types.data.ts';

const unknown = 'application/octet-stream';

/**
 * The media type of a file by its name; capital letters don't matter.
 * @param own additions by file name (`LICENSE`) or extension with its dot (`.foo`); they win
 */
export const mediaTypeOf = (name: string, own: Readonly<Record<string, string>> = {}): string => {
  const file = lastPart(name).toLowerCase();
  const dot = file.lastIndexOf('.');
  const extension = dot === -1 ? '' : file.slice(dot);
  const ofOwn = own[file] ?? own[extension];
  if (ofOwn !== undefined) return ofOwn;
  if (Object.hasOwn(mediaTypesOfNames, file)) return mediaTypesOfNames[file] ?? unknown;
  const plain = extension.slice(1);
  return Object.hasOwn(mediaTypes, plain) ? (mediaTypes[plain] ?? unknown) : unknown;
};

/** The Content-Type header: texts say their charset, unless the type does already. */
export const contentTypeOf = (mediaType: string, charset: string): string =>
  mediaType.startsWith('text/') && !mediaType.includes(';') && charset !== ''
    ? `${mediaType}; charset=${charset}`
    : mediaType;
