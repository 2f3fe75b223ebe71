import type { AddOn, AddOnAttachment, AddOnConfig, AddOnService, Plan } from '@heroku-cli/schema';
import { appRef } from './app.ts';
import { type Complete, type Named, timestamp } from './complete.ts';

export interface ServiceFacts {
  readonly id: string;
  readonly name: string;
  readonly humanName: string;
}

export interface PlanFacts {
  readonly id: string;
  /** With its service: `heroku-postgresql:essential-0`. */
  readonly fullName: string;
  readonly humanName: string;
  readonly isDefault: boolean;
  readonly service: ServiceFacts;
}

export interface AddOnFacts {
  readonly id: string;
  readonly name: string;
  readonly state: 'provisioning' | 'provisioned' | 'deprovisioning' | 'deprovisioned';
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface AttachmentFacts {
  readonly id: string;
  readonly name: string;
  readonly namespace: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

type Price = { readonly cents: number; readonly contract: boolean; readonly metered: boolean; readonly unit: string };
/** What is on one's own machine costs nothing. */
const price: Price = { cents: 0, contract: false, metered: false, unit: 'month' };
/** Services and plans have no dates of their own; they are data of this program. */
const epoch = '2026-01-01T00:00:00Z';

const serviceRef = ({ id, name }: ServiceFacts): Named => ({ id, name });

export const serviceShape = (service: ServiceFacts): Complete<AddOnService> => ({
  ...serviceRef(service),
  cli_plugin_name: null,
  created_at: epoch,
  human_name: service.humanName,
  state: 'ga',
  supports_multiple_installations: true,
  supports_sharing: true,
  updated_at: epoch,
});

export const planShape = (plan: PlanFacts): Complete<Plan> => ({
  addon_service: serviceRef(plan.service),
  compliance: null,
  created_at: epoch,
  default: plan.isDefault,
  description: `${plan.service.humanName} ${plan.humanName}`,
  human_name: plan.humanName,
  id: plan.id,
  installable_inside_private_network: false,
  installable_outside_private_network: true,
  name: plan.fullName,
  price: { ...price },
  space_default: false,
  state: 'ga',
  updated_at: epoch,
  visible: true,
});

type AddOnShape = Omit<Complete<AddOn>, 'state' | 'provision_message' | 'actions'> & {
  /** The published schema leaves out `deprovisioning`, which the API and the CLI know. */
  readonly state: AddOnFacts['state'];
  readonly provision_message: string | null;
  readonly actions: readonly never[];
};

export const addOnShape = (
  addOn: AddOnFacts,
  around: {
    readonly app: Named;
    readonly plan: PlanFacts;
    readonly configVars: readonly string[];
    readonly message: string | null;
    readonly webUrl: string | null;
  },
): AddOnShape => ({
  actions: [],
  addon_service: serviceShape(around.plan.service),
  app: appRef(around.app),
  billed_price: { ...price },
  billing_entity: { ...appRef(around.app), type: 'app' },
  config_vars: [...around.configVars],
  created_at: timestamp(addOn.createdAt),
  id: addOn.id,
  name: addOn.name,
  plan: planShape(around.plan),
  provider_id: addOn.id,
  provision_message: around.message,
  state: addOn.state,
  updated_at: timestamp(addOn.updatedAt),
  web_url: around.webUrl,
});

/** Beyond the schema: what `Accept-Inclusion: addon:plan,config_vars` adds, always there. */
interface AttachmentExtras {
  readonly addon_service: Named;
  readonly config_vars: readonly string[];
}

export const attachmentShape = (
  attachment: AttachmentFacts,
  around: {
    readonly app: Named;
    readonly addOn: Named;
    readonly addOnApp: Named;
    readonly plan: PlanFacts;
    readonly configVars: readonly string[];
    readonly webUrl: string | null;
  },
): Complete<AddOnAttachment> & AttachmentExtras => {
  const addon = {
    ...appRef(around.addOn),
    app: appRef(around.addOnApp),
    plan: { id: around.plan.id, name: around.plan.fullName },
  };
  return {
    addon,
    addon_service: serviceRef(around.plan.service),
    app: appRef(around.app),
    config_vars: around.configVars,
    created_at: timestamp(attachment.createdAt),
    id: attachment.id,
    log_input_url: null,
    name: attachment.name,
    namespace: attachment.namespace,
    updated_at: timestamp(attachment.updatedAt),
    web_url: around.webUrl,
  };
};

/** @param config suffix of the config var to its value: `URL`, `postgres://...` */
export const addOnConfigShape = (config: Readonly<Record<string, string>>): Complete<AddOnConfig>[] =>
  Object.entries(config).map(([name, value]) => ({ name: name.toLowerCase(), value }));
