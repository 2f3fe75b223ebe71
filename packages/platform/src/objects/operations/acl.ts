import { amzHeader, type Call } from '../http/call.ts';
import { receiveXmlIfAny } from '../http/read-body.ts';
import { invalidArgument, S3Error } from '../s3-error.ts';
import { type Account, ownerIdOf } from '../store/account-file.ts';
import { type Acl, acls } from '../store/records.ts';
import { childOf, childrenOf, textOf, type XmlElement } from '../xml/parse-xml.ts';
import { document, element, leaf, type Xml } from '../xml/write-xml.ts';

const allUsers = 'http://acs.amazonaws.com/groups/global/AllUsers';
const authenticatedUsers = 'http://acs.amazonaws.com/groups/global/AuthenticatedUsers';
const schema = ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"';

/** What each canned ACL grants to others than the owner. */
const grantsOf: Readonly<Record<Acl, readonly (readonly [group: string, permission: string])[]>> = {
  private: [],
  'public-read': [[allUsers, 'READ']],
  'public-read-write': [
    [allUsers, 'READ'],
    [allUsers, 'WRITE'],
  ],
  'authenticated-read': [[authenticatedUsers, 'READ']],
};

/** Those that say who of two owners may read, where there is one owner only. */
const sameAsPrivate = ['bucket-owner-read', 'bucket-owner-full-control'];

/** Of the header `x-amz-acl`; undefined when there is none. @throws S3Error InvalidArgument, NotImplemented */
export const aclFromHeader = (call: Pick<Call, 'request' | 'target'>): Acl | undefined => {
  const text = amzHeader(call, 'x-amz-acl');
  if (text === undefined) {
    const grant = Object.keys(call.request.headers).find((name) => name.startsWith('x-amz-grant-'));
    if (grant !== undefined)
      throw new S3Error('NotImplemented', `${grant}: grants to single users do not exist here; use x-amz-acl.`);
    return undefined;
  }
  return parseAcl(text);
};

export const parseAcl = (text: string): Acl => {
  const acl = sameAsPrivate.includes(text) ? 'private' : acls.find((name) => name === text);
  if (acl === undefined) throw invalidArgument('x-amz-acl', text, acls.join(', '));
  return acl;
};

/** The ACL that a request sets, by header or by body. @throws S3Error MalformedACLError, NotImplemented */
export const receiveAcl = async (call: Call, account: Account): Promise<Acl> => {
  const body = await receiveXmlIfAny(call, 'AccessControlPolicy');
  const canned = aclFromHeader(call);
  if (canned !== undefined) return canned;
  const list = body && childOf(body, 'AccessControlList');
  if (list === undefined)
    throw new S3Error('MalformedACLError', 'Expected x-amz-acl, or an AccessControlPolicy with an AccessControlList.');
  const granted = childrenOf(list, 'Grant')
    .map((grant) => readGrant(grant, account))
    .filter((grant) => grant !== undefined);
  const key = (grants: readonly (readonly [string, string])[]) =>
    [...new Set(grants.map((grant) => grant.join(' ')))].sort().join();
  const same = acls.find((acl) => key(grantsOf[acl]) === key(granted));
  if (same === undefined)
    throw new S3Error(
      'NotImplemented',
      `These grants are none of the canned ACLs that exist here: ${acls.join(', ')}.`,
    );
  return same;
};

/** What it gives to others than the owner; undefined for the owner's own. */
const readGrant = (grant: XmlElement, account: Account): readonly [string, string] | undefined => {
  const grantee = childOf(grant, 'Grantee');
  const permission = textOf(grant, 'Permission');
  if (grantee === undefined || permission === undefined) throw new S3Error('MalformedACLError');
  const group = textOf(grantee, 'URI');
  if (group !== undefined) return [group, permission];
  const id = textOf(grantee, 'ID');
  if (id === ownerIdOf(account.id)) return undefined;
  if (id === undefined) throw new S3Error('MalformedACLError', 'Expected ID or URI in the Grantee.');
  throw invalidArgument('CanonicalUser/ID', id, `the owner's id; others can't be granted anything here`);
};

export const ownerElement = (account: Account, name = 'Owner'): Xml =>
  element(name, [leaf('ID', ownerIdOf(account.id)), leaf('DisplayName', account.id)]);

export const aclDocument = (acl: Acl, account: Account): string => {
  const grant = (type: string, grantee: readonly Xml[], permission: string) =>
    element('Grant', [element('Grantee', grantee, `${schema} xsi:type="${type}"`), leaf('Permission', permission)]);
  const owner = [leaf('ID', ownerIdOf(account.id)), leaf('DisplayName', account.id)];
  return document('AccessControlPolicy', [
    ownerElement(account),
    element('AccessControlList', [
      grant('CanonicalUser', owner, 'FULL_CONTROL'),
      ...grantsOf[acl].map(([group, permission]) => grant('Group', [leaf('URI', group)], permission)),
    ]),
  ]);
};
