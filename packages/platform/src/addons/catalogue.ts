import { notFound, type PlatformError } from '../contract/platform-error.ts';
import { stableId } from '../contract/stable-id.ts';
import { services as entries } from './catalogue.data.ts';
import type { PlanEntry, ServiceEntry } from './catalogue-entry.ts';

export interface Service extends ServiceEntry {
  readonly id: string;
}

export interface Plan extends PlanEntry {
  readonly id: string;
  /** With the service: `heroku-postgresql:essential-0`. */
  readonly fullName: string;
  readonly isDefault: boolean;
  readonly service: Service;
}

export const services: readonly Service[] = entries.map((entry) => ({
  ...entry,
  id: stableId('add-on-service', entry.name),
}));

const plans: readonly Plan[] = services.flatMap((service) =>
  service.plans.map((entry) => ({
    ...entry,
    id: stableId('plan', `${service.name}:${entry.name}`),
    fullName: `${service.name}:${entry.name}`,
    isDefault: entry.name === service.defaultPlan,
    service,
  })),
);

/** By name or id. */
export const findService = (nameOrId: string): Service | undefined =>
  services.find((service) => service.name === nameOrId || service.id === nameOrId);

/** The plans on sale, those of historic names left out. */
export const plansOf = (service: Service): readonly Plan[] =>
  plans.filter((plan) => plan.service.id === service.id && !plan.historic);

/** `heroku-postgresql` (its default plan), `heroku-postgresql:mini` or a plan's id. */
export const findPlan = (nameOrId: string): Plan | undefined => {
  const name = nameOrId.trim().toLowerCase();
  return plans.find(
    (plan) => plan.fullName === name || plan.id === name || (plan.isDefault && plan.service.name === name),
  );
};

/** The plan of a row, whose plan may be noted with or without its service. */
export const planOfRecord = ({
  service,
  plan,
}: {
  readonly service: string;
  readonly plan: string;
}): Plan | undefined => findPlan(plan.includes(':') ? plan : `${service}:${plan}`);

/** @throws PlatformError not_found, in Heroku's words, when there is no such plan. */
export const resolvePlan = (nameOrId: string): Plan => {
  const plan = findPlan(nameOrId);
  if (!plan) throw unknownPlan(nameOrId);
  return plan;
};

/** In Heroku's words, and with what there is instead. */
export const unknownPlan = (nameOrId: string): PlatformError => {
  const service = findService(nameOrId.trim().toLowerCase().split(':')[0] ?? '');
  const known =
    service === undefined
      ? `Services: ${services.map(({ name }) => name).join(', ')}.`
      : `Plans of ${service.name}: ${plansOf(service)
          .map(({ name }) => name)
          .join(', ')}.`;
  return notFound('plan', `Couldn't find either the add-on service or the add-on plan of "${nameOrId}". ${known}`);
};
