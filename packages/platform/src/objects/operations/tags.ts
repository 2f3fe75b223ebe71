import { S3Error } from '../s3-error.ts';
import type { Tags } from '../store/tags.ts';
import { childOf, childrenOf, textOf, type XmlElement } from '../xml/parse-xml.ts';
import { document, element, leaf } from '../xml/write-xml.ts';

const mostOfObject = 10;
const mostOfBucket = 50;

/** @throws S3Error InvalidTag */
const checked = (pairs: readonly (readonly [string, string])[], most: number): Tags => {
  const tags = Object.fromEntries(pairs);
  if (Object.keys(tags).length !== pairs.length)
    throw new S3Error('InvalidTag', 'Cannot provide multiple Tags with the same key');
  if (pairs.length > most) throw new S3Error('InvalidTag', `Expected at most ${most} tags; got ${pairs.length}.`);
  for (const [name, value] of pairs) {
    if (name === '' || name.length > 128)
      throw new S3Error('InvalidTag', 'The TagKey you have provided is invalid: expected 1 to 128 characters.');
    if (value.length > 256)
      throw new S3Error('InvalidTag', 'The TagValue you have provided is invalid: expected at most 256 characters.');
  }
  return tags;
};

/** Of the header `x-amz-tagging`: `a=1&b=2`. */
export const tagsFromHeader = (header: string | undefined): Tags =>
  header === undefined ? {} : checked([...new URLSearchParams(header)], mostOfObject);

const tagElement = (tag: XmlElement): readonly [string, string] => {
  const [name, value] = [textOf(tag, 'Key'), textOf(tag, 'Value')];
  if (name === undefined || value === undefined)
    throw new S3Error('MalformedXML', 'Expected Key and Value in each Tag.');
  return [name, value];
};

/** Of the elements `Tag` in `parent`. */
export const tagPairs = (parent: XmlElement): readonly (readonly [string, string])[] =>
  childrenOf(parent, 'Tag').map(tagElement);

export const tagsFromXml = (tagging: XmlElement, of: 'object' | 'bucket'): Tags => {
  const set = childOf(tagging, 'TagSet');
  if (set === undefined) throw new S3Error('MalformedXML', 'Expected the element TagSet.');
  return checked(tagPairs(set), of === 'object' ? mostOfObject : mostOfBucket);
};

export const tagsDocument = (tags: Tags): string =>
  document('Tagging', [
    element(
      'TagSet',
      Object.entries(tags).map(([name, value]) => element('Tag', [leaf('Key', name), leaf('Value', value)])),
    ),
  ]);
