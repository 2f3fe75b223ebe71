import type { Books } from '../books.ts';
import { drawCover } from '../cover.ts';
import type { Media } from '../media/media.ts';
import { typeOf } from '../media/picture.ts';
import { Refusal } from '../reply.ts';
import type { Page } from '../visit.ts';

/** Follows from its book, so browsers may keep it for a day. */
export function drawnCover(books: Books): Page {
  return async (visit) => {
    const book = await books.bySlug(visit.params.slug ?? '');
    if (book === undefined) throw new Refusal(404, (words) => words.noPicture);
    return {
      status: 200,
      headers: { 'content-type': 'image/svg+xml', 'cache-control': 'public, max-age=86400' },
      body: drawCover(book),
    };
  };
}

/** Its address holds the content's hash, so that browsers may keep it for good. */
export function uploadedCover(media: Media): Page {
  return async (visit) => {
    const name = `${visit.params.digest}.${visit.params.extension}`;
    const body = /^[0-9a-f]{32}\.(jpg|png|webp)$/.test(name) ? await media.read(name) : undefined;
    if (body === undefined) throw new Refusal(404, (words) => words.noPicture);
    return {
      status: 200,
      headers: { 'content-type': typeOf(name), 'cache-control': 'public, max-age=31536000, immutable' },
      body,
    };
  };
}
