import type { ChangeEvent } from '../../api/shapes.ts';
import type { MessageKey } from '../../language/en.data.ts';
import type { IconName } from '../../parts/icon.tsx';

/** A change in words. */
export interface Described {
  readonly icon: IconName;
  readonly key: MessageKey;
  readonly values: Readonly<Record<string, string | number>>;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/**
 * Says what somebody changed of an app without a release; releases and builds tell of themselves.
 * @returns undefined for changes that are no news by themselves
 */
export const describeChange = ({ resource, action, data }: ChangeEvent): Described | undefined => {
  const gone = action === 'destroy';
  switch (resource) {
    case 'formation': {
      const values = { type: text(data.type), n: Number(data.quantity), size: text(data.size) };
      return gone ? undefined : { icon: 'process', key: 'changeScaled', values };
    }
    case 'domain':
      return {
        icon: 'language',
        key: gone ? 'changeDomainRemoved' : 'changeDomainAdded',
        values: { name: text(data.hostname) },
      };
    case 'collaborator':
      return {
        icon: 'people',
        key: gone ? 'changeAccessTaken' : 'changeAccessGiven',
        values: { name: text(data.email) },
      };
    case 'addon':
      return action === 'update' ? describeAddOn(data) : undefined;
    case 'sni-endpoint': {
      const names = Array.isArray(data.cert_domains) ? data.cert_domains.join(', ') : '';
      const key = gone
        ? 'changeCertificateRemoved'
        : action === 'create'
          ? 'changeCertificateAdded'
          : 'changeCertificateReplaced';
      return { icon: 'key', key, values: { name: names === '' ? text(data.name) : names } };
    }
    case 'scheduler-job':
      return describeJob(action, data);
    case 'dyno':
      return describeDyno(action, data);
    case 'app-transfer':
      return describeTransfer(action, data);
    case 'app-feature':
      return {
        icon: 'gear',
        key: data.enabled === true ? 'changeFeatureOn' : 'changeFeatureOff',
        values: { name: text(data.name) },
      };
    case 'buildpack-installations':
      return { icon: 'build', key: 'changeBuildpacks', values: {} };
    case 'app':
      return action === 'update' ? describeApp(data) : undefined;
    default:
      return undefined;
  }
};

const changedOf = (data: ChangeEvent['data']): readonly unknown[] => (Array.isArray(data.changed) ? data.changed : []);

const describeAddOn = (data: ChangeEvent['data']): Described | undefined => {
  const name = text(data.name);
  const changed = changedOf(data);
  if (changed.includes('plan')) {
    return { icon: 'database', key: 'changeAddOnPlan', values: { name, plan: text(data.plan) } };
  }
  return changed.includes('name') ? { icon: 'database', key: 'changeAddOnRenamed', values: { name } } : undefined;
};

const describeJob = (action: ChangeEvent['action'], data: ChangeEvent['data']): Described => {
  const when = [text(data.frequency), text(data.at), text(data.at) === '' ? '' : text(data.time_zone)].join(' ').trim();
  const switched = changedOf(data).includes('enabled');
  const key =
    action === 'create'
      ? 'changeJobAdded'
      : action === 'destroy'
        ? 'changeJobRemoved'
        : switched
          ? data.enabled === true
            ? 'changeJobOn'
            : 'changeJobOff'
          : 'changeJobChanged';
  return { icon: 'gear', key, values: { when } };
};

/** Names of dynos whose changes were told together; see `joinDynos`. */
const namesOf = (data: ChangeEvent['data']): string =>
  Array.isArray(data.names) ? data.names.join(', ') : `${text(data.type)}.${Number(data.ordinal)}`;

const describeDyno = (action: ChangeEvent['action'], data: ChangeEvent['data']): Described | undefined => {
  const values = { name: namesOf(data) };
  if (action === 'create') return data.kind === 'run' ? { icon: 'process', key: 'changeRun', values } : undefined;
  if (action !== 'update' || !changedOf(data).includes('retire')) return undefined;
  if (data.retire === 'restart') return { icon: 'process', key: 'changeRestarted', values };
  return data.retire === 'stop' ? { icon: 'process', key: 'changeStopped', values } : undefined;
};

const transferKeys: Readonly<Record<string, MessageKey>> = {
  pending: 'changeOffered',
  accepted: 'changeOfferAccepted',
  declined: 'changeOfferDeclined',
};

const describeTransfer = (action: ChangeEvent['action'], data: ChangeEvent['data']): Described | undefined => {
  const key = action === 'destroy' ? 'changeOfferWithdrawn' : transferKeys[text(data.state)];
  // An offer that has ended goes with its app or its account, which is told.
  if (key === undefined || (action === 'destroy' && data.state !== 'pending')) return undefined;
  return { icon: 'people', key, values: { email: text(data.recipient) } };
};

const describeApp = (data: ChangeEvent['data']): Described | undefined => {
  const changed = changedOf(data);
  if (changed.includes('maintenance')) {
    return {
      icon: 'warning',
      key: data.maintenance === true ? 'changeMaintenanceOn' : 'changeMaintenanceOff',
      values: {},
    };
  }
  if (changed.includes('name')) return { icon: 'edit', key: 'changeRenamed', values: { name: text(data.name) } };
  if (changed.includes('owner_id')) return { icon: 'people', key: 'changeOwner', values: {} };
  if (changed.includes('build_stack')) {
    return { icon: 'gear', key: 'changeStack', values: { name: text(data.build_stack) } };
  }
  if (changed.includes('acm'))
    return { icon: 'key', key: data.acm === true ? 'changeAcmOn' : 'changeAcmOff', values: {} };
  return undefined;
};
